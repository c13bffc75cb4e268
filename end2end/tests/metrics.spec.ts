import { api, expect, expectAccessible, expectNoSideways, lastMonth, ready, scripted, signUp, test } from '../fixtures.ts';

test('an owner makes a metric, sees its value while typing, and changes it @phone', async ({ page }) => {
  const person = await signUp(page, 'Metric Works');
  const call = await api(page, person);
  for (const amount of ['100', '300']) await call('POST', '/payments', { party: 'Litware', amount, currency: 'USD', direction: 'outgoing', status: 'pending', issued_on: lastMonth(), due_date: lastMonth() });
  await page.goto('/metrics');
  await page.getByRole('link', { name: 'Add metric' }).click();
  await ready(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Add metric');
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.getByLabel('Name').fill('Average payment');
  const formula = page.getByRole('textbox', { name: 'Formula' });
  const preview = page.getByRole('status', { name: 'Preview' });

  await formula.fill('{\n  "source": "payments",\n  "measure": "average",\n  "field": "amuont"\n}');
  if (scripted()) await expect(preview).toContainText('Line 4, field: There is no field in payments “amuont”. Did you mean “amount”?');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('#formula-error')).toContainText('Line 4, field: There is no field in payments “amuont”');
  await expect(page.getByLabel('Name')).toHaveValue('Average payment');
  await expectAccessible(page);

  await formula.fill('{"source": "payments", "measure": "average", "field": "amount"}');
  await page.getByLabel('Warning').fill('150');
  await page.getByLabel('Direction').selectOption('lower_is_better');
  if (scripted()) {
    await expect(preview).toContainText('$200.00');
    await expect(preview).toContainText('2 payments');
  }
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/metrics\/average_payment$/);
  await expect(page.locator('main')).toContainText('$200.00');
  await expect(page.locator('main')).toContainText('Warning');
  await expect(page.locator('main')).toContainText('1, a metric of your organisation');

  await page.getByRole('link', { name: 'Edit' }).click();
  await ready(page);
  await page.getByLabel('Name').fill('Mean payment');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mean payment');
  await expect(page.locator('main')).toContainText('2, a metric of your organisation');
});

test('two people who change one metric do not overwrite each other', async ({ page }) => {
  const person = await signUp(page, 'Metric Conflict');
  const call = await api(page, person);
  const metric = { code: 'open_payments', name: 'Open payments', formula: { source: 'payments' } };
  await call('POST', '/metrics', metric);
  await page.goto('/metrics/open_payments/edit');
  await ready(page);
  await call('POST', '/metrics', { ...metric, name: 'Theirs' });
  await page.getByLabel('Name').fill('Mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Somebody else has changed this metric' })).toBeVisible();
  await page.goto('/metrics/open_payments');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Theirs');
});

test('a metric of the system cannot be changed, but copied', async ({ page }) => {
  await signUp(page, 'Metric Copy');
  expect((await page.goto('/metrics/net_profit/edit'))?.status()).toBe(403);
  await page.goto('/metrics/net_profit');
  // None of the time ranges is out of sight.
  expect(await page.getByRole('navigation', { name: 'Time range' }).evaluate((strip) => strip.scrollWidth - strip.clientWidth)).toBe(0);
  await page.getByRole('link', { name: 'Make one like this' }).click();
  await ready(page);
  await expect(page.getByLabel('Name')).toHaveValue('Net profit (copy)');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/metrics\/net_profit_copy$/);
});
