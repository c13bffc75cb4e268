import { api, expect, expectAccessible, expectNoSideways, people, ready, scripted, signIn, signUp, test } from '../fixtures.ts';
import type { Locator, Page } from '@playwright/test';

// A stretch of a chart over time that is selected becomes the range of the dashboard.

const charts = (page: Page) => page.locator('.board .wb-chart .wb-hits[data-bounds]');
const selection = (page: Page) => page.locator('.wb-brush');
const days = async (chart: Locator) => (await chart.getAttribute('data-bounds'))!.split(' ');

// The middle of a bucket.
async function at(chart: Locator, n: number) {
  const box = (await chart.locator(':scope > .wb-hit').nth(n).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page: Page, chart: Locator, from: number, to: number) {
  const [start, end] = [await at(chart, from), await at(chart, to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move(end.x, end.y, { steps: 6 });
}

async function open(page: Page) {
  await signIn(page, people.viewer);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  const chart = charts(page).first();
  await chart.scrollIntoViewIfNeeded();
  return chart;
}

test('dragging over a chart zooms the dashboard, and going back undoes it @script', async ({ page }) => {
  const chart = await open(page);
  const bounds = await days(chart);
  const before = page.url();

  await page.mouse.click((await at(chart, 3)).x, (await at(chart, 3)).y);
  await drag(page, chart, 2, 4);
  await expect(selection(page)).toBeVisible();
  await expect(page.locator('.wb-tip')).toContainText('Release to zoom');
  await page.keyboard.press('Escape');
  await expect(selection(page)).toHaveCount(0);
  await page.mouse.up();
  expect(page.url(), 'neither a press nor what was let go of zooms').toBe(before);

  // Backwards is the same.
  await drag(page, chart, 4, 2);
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`[?&]from=${bounds[2]}&to=${bounds[5]}`));
  await expect(charts(page).first()).toHaveAttribute('data-bounds', new RegExp(`^${bounds[2]} .*${bounds[5]}$`));
  await expect(page.getByRole('link', { name: /^Zoom out to / })).toBeVisible();
  await expectAccessible(page);
  await page.goBack();
  await expect(page).toHaveURL(before);
  await expect(charts(page).first()).toHaveAttribute('data-bounds', bounds.join(' '));
});

test('the keyboard selects, zooms and lets go, and is told what it does @script', async ({ page }) => {
  const chart = await open(page);
  const bounds = await days(chart);
  const first = chart.locator('.wb-hit').first();
  await first.focus();
  await expect(first).toHaveAccessibleDescription(/Shift and the arrow keys select/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(page.getByRole('status').filter({ hasText: 'selected' })).toBeAttached();
  await expect(selection(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(selection(page)).toHaveCount(0);
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`[?&]from=${bounds[2]}&to=${bounds[4]}`));
  await expect(page.getByRole('status').filter({ hasText: 'Zoomed to' })).toBeAttached();
  await expect(page.locator('.wb-hits .wb-hit:focus'), 'the chart has the keyboard again').toHaveCount(1);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('Zoom the dashboard to what is selected');
});

test('a finger zooms sideways and still scrolls the page @phone @finger', async ({ page }) => {
  const chart = await open(page);
  const bounds = await days(chart);
  const touch = await page.context().newCDPSession(page);
  const finger = async (type: string, points: { x: number; y: number }[]) =>
    touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: points });
  const [start, end] = [await at(chart, 2), await at(chart, 5)];

  const scrolled = await page.evaluate(() => scrollY);
  await finger('touchStart', [start]);
  for (let step = 1; step <= 8; step++) await finger('touchMove', [{ x: start.x, y: start.y - 20 * step }]);
  await finger('touchEnd', []);
  await expect.poll(() => page.evaluate(() => scrollY)).not.toBe(scrolled);
  expect(page.url()).not.toContain('from=');

  await chart.scrollIntoViewIfNeeded();
  const again = { x: start.x, y: (await at(chart, 2)).y };
  await finger('touchStart', [again]);
  for (let step = 1; step <= 8; step++) await finger('touchMove', [{ x: again.x + ((end.x - again.x) * step) / 8, y: again.y }]);
  await finger('touchEnd', []);
  await expect(page).toHaveURL(new RegExp(`from=${bounds[2]}&to=${bounds[6]}`));
  await expectNoSideways(page);
});

test('a chart with a range of its own says why it does not zoom @script', async ({ page }) => {
  const who = await signUp(page, 'Own Range');
  const call = await api(page, who);
  const today = new Date().toISOString().slice(0, 10);
  await call('POST', '/transactions', { date: today, type: 'income', amount: '10', currency: 'USD', category: 'Sales' });
  const settings = { metric: 'revenue_trend', grain: 'day', range: { from: 'now-30d', to: 'now' } };
  const made = await call('POST', '/dashboards', { name: 'Own', widgets: [{ kind: 'line_chart', settings }] });
  await page.goto(`/dashboards/${made.id}`);
  await ready(page);
  const chart = page.locator('.wb-hits[data-own-range]');
  await drag(page, chart, 2, 9);
  await expect(page.locator('.wb-tip')).toContainText('time range of its own');
  await expect(selection(page)).toHaveCount(0);
  await page.mouse.up();
  expect(page.url()).not.toContain('from=');
});

test('a table is sorted by its headings and turned page by page', async ({ page }) => {
  const who = await signUp(page, 'Turned Tables');
  const call = await api(page, who);
  const due = new Date().toISOString().slice(0, 10);
  for (let n = 1; n <= 12; n++) {
    await call('POST', '/payments', { reference: `P-${String(n).padStart(2, '0')}`, party: 'Vendor', issued_on: due, due_date: due, amount: `${n}`, currency: 'USD' });
  }
  const made = await call('POST', '/dashboards', {
    name: 'Tables',
    widgets: [{ kind: 'data_table', settings: { title: 'Payments', source: 'payments', columns: ['reference', 'amount'], limit: 5 } }],
  });
  await page.goto(`/dashboards/${made.id}?from=&to=`);
  await ready(page);
  const card = page.getByRole('article', { name: 'Payments' });
  const names = () => card.locator('tbody td:first-child').allTextContents();
  await card.getByRole('button', { name: 'Amount' }).click();
  await expect(card.getByRole('columnheader', { name: 'Amount' })).toHaveAttribute('aria-sort', 'descending');
  expect(await names()).toEqual(['P-12', 'P-11', 'P-10', 'P-09', 'P-08']);
  await ready(page);
  await card.getByRole('button', { name: 'Next page' }).click();
  await expect(card).toContainText('6 to 10 of 12 rows');
  await ready(page);
  await card.getByRole('button', { name: 'Next page' }).click();
  await expect(card).toContainText('Page 3 of 3');
  await expect(card.getByRole('button', { name: 'Next page' })).toBeDisabled();
  expect(await names()).toEqual(['P-02', 'P-01']);
  expect(page.url(), 'the range stays').toContain('from=&to=');
  await ready(page);
  await card.getByRole('button', { name: 'Amount' }).click();
  await expect(card.getByRole('columnheader', { name: 'Amount' })).toHaveAttribute('aria-sort', 'ascending');
  expect((await names())[0]).toBe('P-01');
  if (scripted()) await expect(card.getByRole('button', { name: 'Amount' }), 'the keyboard is where it was').toBeFocused();
  await expectAccessible(page);
  await card.getByRole('link', { name: 'P-01' }).click();
  await expect(page).toHaveURL(/\/payments\/[0-9a-f-]{36}/);
});
