import { dollars, expect, ledgerSums, people, ready, signIn, test } from '../fixtures.ts';

test('the Executive Overview shows the sums of the sample ledger to the cent @phone', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Executive Overview');
  await page.goto(page.url().replace(/\?.*/, '') + '?from=&to=');
  const html = await (await page.request.get(page.url())).text();
  const sums = ledgerSums();
  for (const cents of [sums.income, sums.expense, sums.profit]) expect(html).toContain(dollars(cents));
});
