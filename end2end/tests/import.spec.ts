import { expect, expectAccessible, ready, signUp, test } from '../fixtures.ts';

// A shop's own export: its names, its dates, its decimal commas, and two rows that cannot be right.
const orders = [
  'Bestellnr;Datum;Bezeichnung;Betrag;Kategorie',
  'S-1;03/02/2026;Bell;1.234,50;Sales',
  'S-2;28/02/2026;Basket;99,95;Sales',
  'S-3;31/02/2026;Lamp;10,00;Sales',
  'S-4;14/03/2026;Pump;lots;Sales',
  'S-5;15/03/2026;Refund;-34,45;Sales',
].join('\r\n');

test('a shop’s orders are imported with a right preview, named faults and right totals', async ({ page }) => {
  await signUp(page, 'Corner Shop');
  await page.goto('/imports/new');
  await ready(page);
  await page.getByLabel('What are the rows?').selectOption({ label: 'Transactions' });
  await page.getByLabel('CSV file').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(orders) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/imports\/[0-9a-f-]{36}/);
  await ready(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Import of orders.csv');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('S-1');
  await expect(preview).toContainText('1234.5');
  await expectAccessible(page);
  await page.getByLabel('When some rows are wrong').selectOption('skip_rows');
  await page.getByRole('button', { name: 'Start the import' }).click();
  const refused = page.getByRole('region', { name: 'Refused rows' });
  // Without JavaScript the page asks again by itself every few seconds.
  await expect(refused).toBeVisible({ timeout: 30_000 });
  await expect(refused).toContainText('31/02/2026');
  await expect(refused).toContainText('lots');
  await page.goto('/transactions');
  for (const told of ['3 transactions', '1,334.45', '34.45']) await expect(page.locator('main')).toContainText(told);
});

// Without JavaScript the form is sent by its button.
test('choices that are made faster than they are answered all stand @script', async ({ page }) => {
  await signUp(page, 'Quick Shop');
  await page.goto('/imports/new');
  await ready(page);
  await page.getByLabel('CSV file').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(orders) });
  await page.getByRole('button', { name: 'Upload' }).click();
  await page.waitForURL(/\/imports\/[0-9a-f-]{36}/);
  await ready(page);
  const choice = (name: string) => page.locator(`select[name="${name}"]`);
  await expect(choice('on_error')).toBeVisible();
  await page.route('**/rpc/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await route.continue();
  });
  // By the time that each is made, the answers to the ones before are half-way there.
  const made: [string, string, number][] = [
    ['on_error', 'skip_rows', 250],
    ['values[type]', 'expense', 100],
    ['decimal_mark', 'point', 80],
    ['on_existing', 'skip', 120],
    ['decimal_mark', 'comma', 90],
    ['columns[department]', '#3', 0],
  ];
  for (const [name, value, pause] of made) {
    await choice(name).selectOption(value);
    await page.waitForTimeout(pause);
  }
  const stand = async () => {
    for (const [name, value] of made.filter(([name, value]) => name !== 'decimal_mark' || value === 'comma')) {
      await expect(choice(name)).toHaveValue(value);
    }
  };
  await stand();
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview.getByRole('columnheader', { name: 'Department' })).toBeVisible();
  await expect(preview).toContainText('expense');
  await expect(preview).toContainText('1234.5');
  await stand();
  // They are what is stored, too.
  await page.unrouteAll({ behavior: 'wait' });
  await page.reload();
  await ready(page);
  await stand();
  // Another separator makes another table, whose columns are offered instead.
  await choice('separator').selectOption('comma');
  await expect(choice('columns[department]').locator('option')).toHaveCount(2);
  await expect(choice('on_error')).toHaveValue('skip_rows');
});
