import { test as loud } from '@playwright/test';
import { expect, people, ready, signIn, test } from '../fixtures.ts';

// The parts of the browser's code: each comes with the first page that needs it.

test('a page of another part wakes up when it is opened by its address @script', async ({ page }) => {
  await signIn(page);
  for (const path of ['/transactions', '/metrics/new', '/imports/new', '/people', '/dashboards/new']) {
    await page.goto(path);
    await ready(page);
    await expect(page.locator('h1')).toBeVisible();
  }
});

test('links lead into other parts and back without loading a page anew @script', async ({ page }) => {
  await signIn(page);
  await page.evaluate(() => Object.assign(window, { kept: true }));
  const main = page.getByRole('navigation', { name: 'Main' });
  const heading = page.getByRole('heading', { level: 1 });
  for (const place of ['Transactions', 'Metrics', 'Imports', 'People', 'Transactions']) {
    await main.getByRole('link', { name: place, exact: true }).click();
    await expect(heading).toHaveText(place);
  }
  await page.goBack();
  await expect(heading).toHaveText('People');
  await page.goBack();
  await expect(heading).toHaveText('Imports');
  expect(await page.evaluate(() => 'kept' in window)).toBe(true);
});

test('what a first view needs is named in its header, once', async ({ page }) => {
  await signIn(page);
  const parts = async (path: string) => {
    const links = (await page.request.get(path)).headers().link ?? '';
    return [...links.matchAll(/<([^>]+\.wasm)>/g)].map((match) => match[1]);
  };
  const [dashboard, transactions] = [await parts('/dashboards'), await parts('/transactions')];
  expect(dashboard).toEqual([]);
  expect(transactions.length).toBeGreaterThan(0);
  expect(new Set(transactions).size).toBe(transactions.length);
  for (const address of transactions) {
    const answer = await page.request.get(address, { headers: { 'Accept-Encoding': 'br' } });
    expect(answer.status(), address).toBe(200);
    expect(answer.headers()['cache-control'], address).toContain('immutable');
    expect(answer.headers()['content-encoding'], address).toBeTruthy();
  }
});

// The browser itself complains about what these break, so they do not mind complaints.
loud.describe('a part that cannot be had @script', () => {
  const parts = /\/(split|chunk)_[^/]*\.wasm$/;

  loud('says so, and can be tried again', async ({ page }) => {
    await signIn(page, people.viewer);
    await page.route(parts, (route) => route.abort());
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'People' }).click();
    await expect(page.getByRole('heading', { name: 'Not available' })).toBeVisible();
    await page.unroute(parts);
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
    await ready(page);
  });

  loud('leaves a page as the server rendered it until it comes', async ({ page }) => {
    await signIn(page, people.viewer);
    await page.route(parts, (route) => route.abort());
    await page.goto('/people');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
    await page.waitForTimeout(500);
    expect(await page.locator('html[data-hydrated]').count()).toBe(0);
    await page.unroute(parts);
    await ready(page);
  });
});
