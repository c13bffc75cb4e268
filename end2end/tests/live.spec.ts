import { api, expect, expectAccessible, ready, signIn, signUp, today, test } from '../fixtures.ts';

test('an open dashboard shows a changed transaction by itself, and nothing moves @script', async ({ page }) => {
  const person = await signUp(page, 'Live Works');
  const call = await api(page, person);
  const booked = await call('POST', '/transactions', { date: today(), type: 'income', amount: '100', currency: 'USD', category: 'Sales' });
  const dashboard = await call('POST', '/dashboards', { name: 'Live', template: 'executive_overview' });
  await page.clock.install();
  await page.goto(`/dashboards/${dashboard.id}?from=now/M&to=now%2B1d`);
  await ready(page);
  const revenue = page.getByRole('article', { name: 'Revenue', exact: true });
  await expect(revenue).toContainText('$100');
  await page.evaluate(() => {
    (window as never as { shift: number }).shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) (window as never as { shift: number }).shift += (entry as never as { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  const before = await revenue.boundingBox();
  await call('PATCH', `/transactions/${booked.id}`, { amount: '250' });
  await page.clock.runFor(61_000);
  await expect(revenue).toContainText('$250');
  expect(await revenue.boundingBox()).toEqual(before);
  expect(await page.evaluate(() => (window as never as { shift: number }).shift)).toBeLessThan(0.02);
  await expect(page).toHaveURL(/from=now/);
});

test('a chart reads its values out, to the pointer and to the keyboard @script', async ({ page }) => {
  await signIn(page);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  const chart = page.getByRole('article', { name: 'Revenue Trend' });
  const card = page.locator('.wb-tip');
  const marks = chart.locator('.wb-hits .wb-hit');
  await marks.nth(2).hover();
  await expect(card).toHaveClass(/on/);
  const first = await card.innerText();
  expect(first).toMatch(/[A-Z][a-z]{2} \d{4}\s+.*\$/s);
  await marks.nth(3).hover();
  await expect(card).not.toHaveText(first);
  await page.mouse.move(2, 2);
  await expect(card).not.toHaveClass(/on/);

  await marks.first().focus();
  await expect(card).toHaveClass(/on/);
  await page.keyboard.press('ArrowRight');
  await expect(marks.nth(1)).toBeFocused();
  const label = await marks.nth(1).getAttribute('data-label');
  await expect(card).toContainText(label!);
  await expect(marks.nth(1)).toHaveAttribute('aria-label', new RegExp(label!));
  await page.keyboard.press('End');
  await expect(marks.last()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(card).not.toHaveClass(/on/);
});

test('every chart of every template has read-outs and a table view', async ({ page }) => {
  await signIn(page);
  for (const name of ['Executive Overview', 'Inventory Focus', 'Cash Flow']) {
    await page.goto('/dashboards?view=standard');
    await ready(page);
    await page.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
    const charts = page.locator('.line_chart, .area_chart, .bar_chart, .donut_chart');
    for (const chart of await charts.all()) {
      const title = await chart.getByRole('heading').innerText();
      expect(await chart.locator('.wb-hit[data-value]').count(), `${title}: read-outs`).toBeGreaterThan(0);
      const table = chart.locator('.wb-values table');
      await chart.locator('.wb-values > summary').click();
      await expect(table, title).toBeVisible();
      expect(await table.locator('tbody tr').count(), `${title}: rows of the table`).toBeGreaterThan(0);
    }
    await expectAccessible(page);
  }
});

test('time range and comparison stand in the address, and a reload keeps them @phone', async ({ page }) => {
  await signIn(page);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  await page.locator('.menu.ranges > summary').click();
  await page.locator('.menu.ranges').getByRole('link', { name: 'Last year', exact: true }).click();
  await expect(page).toHaveURL(/from=now-1y/);
  await expect(page.locator('.menu.ranges > summary')).toContainText('Last year');
  await page.reload();
  await ready(page);
  await expect(page.locator('.menu.ranges > summary')).toContainText('Last year');
  await page.locator('.menu.ranges > summary').click();
  await page.locator('.menu.ranges input[name=from]').fill('2026-01-01');
  await page.getByLabel('To, included').fill('2026-03-31');
  await page.getByLabel('Compare with').selectOption({ label: 'Previous period' });
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/compare=previous_period/);
  await expect(page.locator('.sub')).toContainText('31 Mar 2026');
});

test('the API is described on a page of our own @script', async ({ page }) => {
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(page.url() === 'about:blank' ? request.url() : page.url()).origin && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  const response = await page.goto('/api/docs');
  expect(response?.ok()).toBe(true);
  await expect(page.getByText('/api/v1/auth/token', { exact: true })).toBeVisible();
  await expect(page.getByText('/api/v1/metrics/query', { exact: true })).toBeVisible();
  expect(elsewhere).toEqual([]);
});
