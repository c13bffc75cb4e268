import { expect, expectAccessible, expectNoSideways, ready, scripted, signIn, test } from '../fixtures.ts';
import type { Page } from '@playwright/test';

// A dashboard of the organisation that no other test touches; gives its address.
async function make(page: Page, name: string) {
  await page.goto('/dashboards/new?template=cash_flow');
  await ready(page);
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create the dashboard' }).click();
  await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}/);
  await expect(page.locator('h1')).toHaveText(name);
  return new URL(page.url()).pathname;
}

async function choose(page: Page, what: string) {
  await ready(page);
  await page.locator('summary[aria-label="More about this dashboard"]').click();
  await page.locator('.panel.wide').getByText(what, { exact: true }).click();
}

async function look(page: Page, name: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await ready(page);
    await expectAccessible(page);
    await expectNoSideways(page);
    const project = test.info().project.name;
    await page.screenshot({ path: `screenshots/${name}-${project}-${colorScheme}.png`, fullPage: project !== 'plain' });
  }
}

const unique = (name: string) => `${name} ${test.info().project.name} ${Date.now() % 1_000_000}`;

test('somebody arranges a dashboard for themselves, step by step, and goes back to the default @phone', async ({ page }) => {
  await signIn(page);
  const address = await make(page, unique('Arranged'));
  await choose(page, 'Arrange for myself');
  await page.waitForURL(/\/arrange$/);
  await ready(page);
  await page.getByRole('button', { name: 'Move down: Cash In' }).click();
  await expect(page.getByRole('button', { name: 'Back to the default' })).toBeVisible();
  await look(page, 'arrange');
  await page.getByRole('link', { name: 'Done' }).click();
  await expect(page.getByText('Arranged by you')).toBeVisible();
  await choose(page, 'Back to the default');
  await expect(page.getByText('Arranged by you')).toHaveCount(0);
  expect(new URL(page.url()).pathname).toBe(address);
});

test('the history shows what a dashboard was and brings it back @phone', async ({ page }) => {
  await signIn(page);
  const name = unique('Remembered');
  const address = await make(page, name);
  const response = await page.request.patch(`/api/v1${address}`, { data: { name: 'Forgotten' } });
  expect(response.status()).toBe(200);
  await page.goto(`${address}/history`);
  await ready(page);
  await expect(page.getByText('was renamed from')).toBeVisible();
  await page.getByRole('link', { name: 'The dashboard was created' }).click();
  await page.waitForURL(/version=1/);
  await expect(page.getByRole('heading', { level: 2, name })).toBeVisible();
  await look(page, 'history');
  await page.locator('summary', { hasText: 'Restore this version' }).click();
  await page.getByRole('button', { name: 'Restore', exact: true }).click();
  await expect(page.getByText('Version 1 was restored')).toBeVisible();
  if (scripted()) await expect(page.getByRole('link', { name: 'Version 1 was restored' })).toBeFocused();
  await page.goto(address);
  await expect(page.locator('h1')).toHaveText(name);
});

test('a deleted dashboard rests in the bin until it is deleted for good @phone', async ({ page }) => {
  await signIn(page);
  const name = unique('Deleted');
  const address = await make(page, name);
  await choose(page, 'Delete (can be undone)');
  await expect(page.getByText(`“${name}” was deleted.`)).toBeVisible();
  await page.goto('/dashboards/trash');
  await ready(page);
  const row = page.getByRole('row').filter({ hasText: name });
  await row.getByRole('button', { name: `Restore “${name}”` }).click();
  await expect(page.locator('h1')).toHaveText(name);
  await choose(page, 'Delete (can be undone)');
  await expect(page.getByText(`“${name}” was deleted.`)).toBeVisible();
  await page.goto('/dashboards/trash');
  await look(page, 'bin-filled');
  await row.locator('summary', { hasText: 'Delete now' }).click();
  await row.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByText('The dashboard was deleted for good.')).toBeVisible();
  await expect(row).toHaveCount(0);
  expect((await page.request.get(address)).status()).toBe(404);
});

test('favourites and the order of tabs are everybody’s own @phone', async ({ page }) => {
  await signIn(page);
  const name = unique('Starred');
  const address = await make(page, name);
  await choose(page, 'Add to favourites');
  await expect(page.locator('.tab', { hasText: name }).getByText('Favourite:')).toHaveCount(1);
  await page.goto(`${address}/settings`);
  await ready(page);
  await look(page, 'dashboard-settings');
  await page.getByLabel('Description').fill('Seen by all');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('The settings were saved.')).toBeVisible();
  await page.goto('/dashboards/all');
  await ready(page);
  await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Seen by all');
  await page.getByRole('button', { name: `Remove “${name}” from favourites` }).click();
  await expect(page.getByRole('button', { name: `Add “${name}” to favourites` })).toBeVisible();
});
