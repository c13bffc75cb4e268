import { api, expect, expectAccessible, ready, scripted, signUp, today, test } from '../fixtures.ts';

test('a deleted payment comes back by Undo, in the list as it was @phone', async ({ page }) => {
  const person = await signUp(page, 'Undo Works');
  const call = await api(page, person);
  const payment = { party: 'Litware', amount: '12.50', currency: 'USD', direction: 'outgoing', status: 'pending', issued_on: today(), due_date: today(), reference: 'PO-77' };
  await call('POST', '/payments', payment);
  await call('POST', '/payments', { ...payment, party: 'Contoso', reference: 'PO-78' });
  await page.goto('/payments?search=PO-77');
  await page.getByRole('link', { name: 'Litware' }).click();
  await ready(page);
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/deleted=/);
  await ready(page);
  await expect(page.locator('main')).toContainText('Nothing matches');
  // A toast in the browser, a notice without JavaScript: never both.
  await expect(page.getByText('The payment was deleted.').filter({ visible: true })).toHaveCount(1);
  if (scripted()) await expect(page.locator('.toast')).toContainText('The payment was deleted.');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Undo' }).filter({ visible: true }).click();
  await expect(page.locator('main tbody')).toContainText('Litware');
  await expect(page).toHaveURL(/search=PO-77/);
  await expect(page.getByText('The payment is back.').filter({ visible: true })).toHaveCount(1);
});

test('Undo still works from another page @script', async ({ page }) => {
  const person = await signUp(page, 'Undo Elsewhere');
  const call = await api(page, person);
  await call('POST', '/materials', { sku: 'A-1', name: 'Bell', quantity: '5', min_stock: '1', unit_cost: '2', currency: 'USD' });
  await page.goto('/stock');
  await ready(page);
  await page.getByRole('link', { name: 'Bell' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  const undo = page.locator('.toast').getByRole('button', { name: 'Undo' });
  await expect(undo).toBeVisible();
  await page.getByRole('link', { name: 'People' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
  await undo.click();
  await expect(page).toHaveURL(/\/stock\?restored=/);
  await expect(page.locator('tbody')).toContainText('Bell');
  await expect(page.locator('.toast')).toContainText('The material is back.');
});

test('a list follows its filters, and an address says them all', async ({ page }) => {
  const person = await signUp(page, 'Filter Works');
  const call = await api(page, person);
  for (const [sku, quantity] of [['A-1', '5'], ['B-2', '50']]) {
    await call('POST', '/materials', { sku, name: `Part ${sku}`, quantity, min_stock: '10', unit_cost: '2', currency: 'USD' });
  }
  await page.goto('/stock');
  await ready(page);
  await page.getByLabel('Stock level').selectOption({ label: 'Low' });
  if (scripted()) await expect(page.getByRole('button', { name: 'Apply' })).toHaveCount(0);
  else await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/level=low/);
  await expect(page.locator('tbody')).toContainText('Part A-1');
  await expect(page.locator('tbody')).not.toContainText('Part B-2');
  await page.getByRole('link', { name: 'Clear' }).click();
  await expect(page.locator('tbody')).toContainText('Part B-2');
  await page.getByRole('link', { name: 'Quantity' }).click();
  await expect(page).toHaveURL(/sort=-quantity/);
  await expect(page.locator('tbody tr').first()).toContainText('Part B-2');
});

test('every page of a new organisation says what to do next @phone', async ({ page }) => {
  await signUp(page, 'Brand New');
  const said: Record<string, RegExp> = {
    '/dashboards': /Make your first dashboard/,
    '/transactions': /No transactions yet/,
    '/payments': /No payments yet/,
    '/budgets': /No budgets yet/,
    '/stock': /Nothing on stock yet/,
    '/categories': /No categories yet/,
    '/imports': /Nothing was imported yet/,
    '/jobs': /No jobs/,
    '/people': /Invite somebody/,
  };
  for (const [address, text] of Object.entries(said)) {
    await page.goto(address);
    await ready(page);
    await expect(page.locator('main'), address).toContainText(text);
    await expectAccessible(page);
  }
});

test('the preview of an import follows each choice @script', async ({ page }) => {
  await signUp(page, 'Preview Works');
  await page.goto('/imports/new');
  await ready(page);
  await page.getByLabel('What are the rows?').selectOption({ label: 'Transactions' });
  const csv = 'reference;date;amount\nR-1;02/03/2026;1.500\n';
  await page.getByLabel('CSV file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/imports\/[0-9a-f-]{36}/);
  await ready(page);
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('R-1');
  await expect(page.getByRole('button', { name: 'Update the preview' })).toHaveCount(0);
  const mark = page.getByLabel('Decimal mark');
  await mark.focus();
  await mark.selectOption('comma');
  await expect(preview).toContainText(/1500(?!\.5)/);
  await page.getByLabel('Decimal mark').selectOption('point');
  await expect(preview).toContainText(/1\.5/);
  await page.getByLabel('Dates').selectOption('month_first');
  await expect(preview).toContainText('2026-02-03');
  await expect(page.getByLabel('Dates')).toHaveValue('month_first');
});
