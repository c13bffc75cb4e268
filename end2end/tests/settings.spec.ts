import { type Locator, type Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSideways, ready, signIn, test } from '../fixtures.ts';

// A dashboard of one's own, so that journeys do not meet each other.
async function dashboard(page: Page, widgets: object[]) {
  const made = await page.request.post('/api/v1/dashboards', { data: { name: `Settings ${Date.now()} ${Math.random()}`, widgets } });
  expect(made.status(), await made.text()).toBe(201);
  const { id, widgets: placed } = await made.json();
  return { id: id as string, widgets: placed.map((w: { id: string }) => w.id) as string[] };
}

const kpi = { kind: 'kpi', settings: { metric: 'total_revenue', title: 'Revenue' } };

async function openSettings(page: Page, id: string) {
  await page.goto(`/dashboards/${id}/edit`);
  await ready(page);
  await page.locator('[data-tile]').first().focus();
  await page.keyboard.press('Enter');
  const panel = page.locator('.settings-panel');
  await expect(panel).toBeVisible();
  return panel;
}

// Opens a section, unless it is open already because something in it is set.
async function unfold(panel: Locator, name: string) {
  const section = panel.locator('details', { has: panel.page().locator('summary', { hasText: name }) });
  if (!(await section.evaluate((details: HTMLDetailsElement) => details.open))) await section.locator('summary').click();
}

test('settings change the preview as they are set, and say at the field what is wrong @script', async ({ page }) => {
  await signIn(page);
  const { id } = await dashboard(page, [kpi]);
  const panel = await openSettings(page, id);
  const preview = panel.getByRole('region', { name: 'Preview' });
  await expect(preview.locator('.wb-kpi')).toBeVisible();
  await panel.getByLabel('Title').fill('What came in');
  await expect(preview).toContainText('What came in');
  await unfold(panel, 'How it looks');
  await panel.getByLabel('Large numbers').selectOption('full');
  await expect(preview.locator('.wb-number')).toContainText(/[0-9],[0-9]{3},[0-9]{3}/);
  await unfold(panel, 'Target and thresholds');
  await panel.getByLabel('Warning from').fill('much');
  await expect(panel.getByText('This must be a number, such as 1500 or 0.05.')).toBeVisible();
  await expect(preview.locator('.wb-kpi'), 'the last good drawing stays').toBeVisible();
  await panel.getByLabel('Warning from').fill('999999999');
  await expect(preview).toContainText('Warning');
  await expectAccessible(page);
});

test('a metric is found by its words and chosen by keyboard alone @script', async ({ page }) => {
  await signIn(page);
  const { id } = await dashboard(page, [kpi]);
  const panel = await openSettings(page, id);
  const metric = panel.getByRole('combobox', { name: 'Metric' });
  await metric.focus();
  await page.keyboard.press('ArrowDown');
  await expect(panel.locator('.combobox-list [role=option]').first()).toBeVisible();
  await metric.fill('net prof');
  await expect(panel.locator('.combobox-list [role=option]')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(metric).toHaveValue('Net profit');
  // Several have these words: the one that is called so comes first, and is marked.
  await metric.fill('cash in');
  await expect(metric).toHaveAttribute('aria-activedescendant', 'metric-0');
  await page.keyboard.press('Enter');
  await expect(metric).toHaveValue('Cash in');
  await metric.fill('net PROFIT');
  await page.keyboard.press('Tab');
  await expect(metric, 'leaving the field takes a whole name').toHaveValue('Net profit');
  await metric.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await expect(panel, 'the first Esc closes the list').toBeVisible();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
});

test('another kind keeps what carries over; conditions are rows @script', async ({ page }) => {
  await signIn(page);
  const { id } = await dashboard(page, [kpi]);
  const panel = await openSettings(page, id);
  await panel.getByLabel('Kind').selectOption('bar_chart');
  await expect(panel.getByLabel('Title')).toHaveValue('Revenue');
  await panel.getByLabel('Group by').selectOption('category');
  await expect(panel.locator('.settings-preview .wb-chart')).toBeVisible();
  await panel.getByRole('button', { name: 'Add a condition' }).click();
  await panel.getByLabel('Field of condition 1').selectOption('department');
  await panel.getByLabel('Operator of condition 1').selectOption('is not empty');
  await expect(panel.locator('.settings-preview .wb-chart, .settings-preview .wb-empty')).toBeVisible();
  await panel.getByRole('button', { name: 'Remove condition 1' }).click();
  await expect(panel.getByLabel('Field of condition 1')).toHaveCount(0);
});

test('the panel is a sheet on a phone @script @phone', async ({ page }) => {
  await signIn(page);
  const { id } = await dashboard(page, [kpi]);
  const panel = await openSettings(page, id);
  await expectNoSideways(page);
  await panel.getByRole('combobox', { name: 'Metric' }).click();
  await expect(panel.locator('.combobox-list [role=option]').nth(2), 'the list has room').toBeInViewport();
  await page.keyboard.press('Escape');
  await panel.getByLabel('Height').selectOption('3');
  await expect(page.locator('[data-tile]')).toHaveAttribute('aria-label', /by 3$/);
});

