import type { Page } from '@playwright/test';
import { api, expect, expectAccessible, expectNoSideways, people, ready, signIn, test } from '../fixtures.ts';

// A dashboard that no other test looks at: what somebody looks at is remembered.
async function board(page: Page) {
  await signIn(page, people.member);
  const call = await api(page, people.member);
  const widgets = [
    { kind: 'kpi', settings: { metric: 'total_expenses', title: 'Spent' } },
    { kind: 'kpi', settings: { metric: 'pending_payments', title: 'Owed' } },
    { kind: 'data_table', settings: { source: 'transactions', title: 'Bookings' } },
    { kind: 'data_table', settings: { source: 'payments', title: 'Bills' } },
  ];
  const name = `Filtered ${test.info().project.name} ${test.info().workerIndex} ${Date.now()}`;
  const { id } = await call('POST', '/dashboards', { name, personal: true, widgets });
  await page.goto(`/dashboards/${id}?from=&to=&compare=none`);
  await ready(page);
  return { id, spent: async (search: string) => {
    const whole = await call('GET', `/dashboards/${id}`);
    const widget = whole.widgets.find((w: { title: string }) => w.title === 'Spent').id;
    return (await call('GET', `/dashboards/${id}/widgets/${widget}/data?from=&to=&compare=none&${search}`)).value as string;
  } };
}

const menu = (page: Page) => page.locator('.filter-menu');
const chips = (page: Page) => page.getByRole('list', { name: 'Filters in force' });
const card = (page: Page, title: string) => page.getByRole('article', { name: title, exact: true });

async function choose(page: Page, field: string) {
  await menu(page).locator('summary').click();
  await menu(page).getByRole('button', { name: field }).click();
  await ready(page);
}

test('a filter is chosen, stands in the address, narrows every card and survives a reload @phone', async ({ page }) => {
  const { spent } = await board(page);
  await choose(page, 'Category');
  await expect(menu(page).getByRole('heading', { name: 'Category' })).toBeVisible();
  await expectAccessible(page);
  await menu(page).getByLabel('Salaries').check();
  await menu(page).getByLabel('Payroll Taxes').check();
  await menu(page).getByRole('button', { name: 'Show' }).click();
  await expect(page).toHaveURL(/f\.category=Payroll(%20|\+)Taxes&f\.category=Salaries/);
  await ready(page);
  await expect(chips(page)).toContainText('Payroll Taxes, Salaries');
  const sum = Number(await spent('f.category=Salaries&f.category=Payroll%20Taxes'));
  expect(sum).toBeGreaterThan(0);
  const exact = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(sum);
  expect(await (await page.request.get(page.url())).text()).toContain(`$${exact}`);
  await expect(card(page, 'Owed')).toContainText('Not filtered by Category');
  await expect(card(page, 'Spent')).not.toContainText('Not filtered');
  await page.reload();
  await ready(page);
  await expect(chips(page)).toContainText('Payroll Taxes, Salaries');
  const file = page.locator('summary', { hasText: 'Export' });
  await file.click();
  expect(await page.getByRole('link', { name: 'CSV' }).first().getAttribute('href')).toContain('f.category=Salaries');
  await page.locator('body').press('Escape');
  await expectAccessible(page);
  await expectNoSideways(page);
  await chips(page).getByRole('link', { name: /^Remove the filter Category/ }).click();
  await expect(chips(page)).toHaveCount(0);
  expect(page.url()).not.toContain('f.category');
});

test('what somebody looked at last is there again, and the standard view leads back', async ({ page }) => {
  const { id } = await board(page);
  await page.goto(`/dashboards/${id}?from=&to=&compare=none&f.department=Corporate`);
  await ready(page);
  await page.goto('/payments');
  await page.goto(`/dashboards/${id}`);
  await ready(page);
  await expect(page).toHaveURL(/f\.department=Corporate/);
  await expect(chips(page)).toContainText('Corporate');
  await page.goto('/dashboards/all');
  await ready(page);
  await page.locator(`a[href="/dashboards/${id}"]`).first().click();
  await expect(page).toHaveURL(/f\.department=Corporate/);
  await ready(page);
  await page.locator('.view-menu > summary').click();
  await page.getByRole('link', { name: /^Standard view/ }).click();
  await expect(page.locator('.view-menu > summary')).toContainText('Standard view');
  await page.goto(`/dashboards/${id}`);
  await ready(page);
  await expect(page).toHaveURL(new RegExp(`${id}$`));
  await expect(chips(page)).toHaveCount(0);
});

test('a view is saved, applied, renamed, updated and deleted @phone', async ({ page }) => {
  test.slow(); // many steps
  const { id } = await board(page);
  await page.goto(`/dashboards/${id}?from=now-6M/M&to=now/M&compare=none&f.department=Corporate`);
  await ready(page);
  const views = page.locator('.view-menu');
  const open = async () => { if (!(await views.evaluate((e: HTMLDetailsElement) => e.open))) await views.locator(':scope > summary').click(); };
  await open();
  await expectAccessible(page);
  await views.getByLabel('Save what is shown as').fill('Corporate half');
  await views.getByRole('button', { name: 'Save the view' }).click();
  await expect(views.locator(':scope > summary')).toContainText('Corporate half');
  await ready(page);
  await open();
  await views.getByRole('link', { name: /^Standard view/ }).click();
  await expect(chips(page)).toHaveCount(0);
  await ready(page);
  await open();
  // A name is taken only once, and the refusal stands at the field.
  await views.getByLabel('Save what is shown as').fill('corporate HALF');
  await views.getByRole('button', { name: 'Save the view' }).click();
  await expect(views.getByText('There is a view of this name already.')).toBeVisible();
  await ready(page);
  await views.getByRole('link', { name: 'Corporate half', exact: true }).click();
  await expect(page).toHaveURL(/f\.department=Corporate/);
  await expect(chips(page)).toContainText('Corporate');
  await page.goto(`/dashboards/${id}?from=now-6M/M&to=now/M&compare=none&f.type=expense`);
  await ready(page);
  await open();
  await views.locator('summary[aria-label="Change the view Corporate half"]').click();
  await expectAccessible(page);
  await expectNoSideways(page);
  await views.getByRole('button', { name: 'Update to what is shown' }).click();
  await expect(views.locator(':scope > summary')).toContainText('Corporate half');
  await ready(page);
  await open();
  await views.locator('summary[aria-label="Change the view Corporate half"]').click();
  await views.getByLabel('Name', { exact: true }).fill('Expenses');
  await views.getByRole('button', { name: 'Rename' }).click();
  await expect(views.locator(':scope > summary')).toContainText('Expenses');
  await ready(page);
  await open();
  await views.locator('summary[aria-label="Change the view Expenses"]').click();
  await views.locator('.ask > summary').click();
  await views.getByRole('button', { name: 'Delete the view' }).click();
  await expect(views.locator(':scope > summary')).toContainText('Views');
  await ready(page);
});

test('a filter is set by keyboard alone, and the keyboard stays where it was @script', async ({ page }) => {
  await board(page);
  await menu(page).locator('summary').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await expect(menu(page).getByRole('button').first()).toBeFocused();
  const department = menu(page).getByRole('button', { name: 'Department' });
  for (let n = 0; n < 12 && !(await department.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const corporate = menu(page).getByLabel('Corporate');
  await expect(corporate).toBeVisible();
  for (let n = 0; n < 20 && !(await corporate.evaluate((e) => e === document.activeElement)); n++) await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(chips(page)).toContainText('Corporate');
  await expect(menu(page).locator('summary')).toBeFocused();
  await page.keyboard.press('Escape');
});

test('values are found by a part of their name @script', async ({ page }) => {
  await board(page);
  await choose(page, 'Vendor or customer');
  await menu(page).getByRole('searchbox').fill('litw');
  await expect(menu(page).getByLabel('Litware, Inc.')).toBeVisible();
  await menu(page).getByLabel('Litware, Inc.').check();
  await menu(page).getByRole('button', { name: 'Show' }).click();
  await expect(chips(page)).toContainText('Litware, Inc.');
  // A chip leads to its own values.
  await chips(page).getByRole('button', { name: /^Change the filter/ }).click();
  await expect(menu(page).getByLabel('Litware, Inc.')).toBeChecked();
});

test('what means nothing is named, and the rest is shown', async ({ page }) => {
  const { id } = await board(page);
  await page.goto(`/dashboards/${id}?from=&to=&f.colour=red&f.status=payed&f.status=paid`);
  await ready(page);
  await expect(page.getByText('There is no filter “colour”.')).toBeVisible();
  await expect(page.getByText('Did you mean “paid”?')).toBeVisible();
  await expect(chips(page)).toContainText('Paid');
  await expectAccessible(page);
});
