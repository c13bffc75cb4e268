import { expect, expectAccessible, expectNoSideways, ready, scripted, signIn, test } from '../fixtures.ts';

// Every page that a newcomer to the demo can open. Each is checked in light and dark, wide and narrow,
// and leaves a screenshot behind to be looked at.
const pages = {
  dashboard: '/dashboards',
  'all dashboards': '/dashboards/all',
  bin: '/dashboards/trash',
  'new dashboard': '/dashboards/new',
  metrics: '/metrics',
  metric: '/metrics/net_profit',
  'new metric': '/metrics/new',
  activity: '/activity',
  transactions: '/transactions',
  'new transaction': '/transactions/new',
  payments: '/payments',
  'new payment': '/payments/new',
  budgets: '/budgets',
  'new budget': '/budgets/new',
  stock: '/stock',
  'new material': '/stock/new',
  categories: '/categories',
  imports: '/imports',
  'new import': '/imports/new',
  people: '/people',
  organization: '/organization',
  account: '/account',
  jobs: '/jobs',
};
const strangers = {
  'sign in': '/sign-in',
  'sign up': '/sign-up',
  'forgot password': '/forgot-password',
  'not found': '/nowhere',
};

async function look(page: import('@playwright/test').Page, name: string, address: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(address);
    await ready(page);
    await expect(page.locator('h1')).toHaveCount(1);
    await expectAccessible(page);
    await expectNoSideways(page);
    const project = test.info().project.name;
    await page.screenshot({ path: `screenshots/${name.replaceAll(' ', '-')}-${project}-${colorScheme}.png`, fullPage: project !== 'plain' });
  }
}

for (const [name, address] of Object.entries(pages)) {
  test(`${name} page is whole and accessible @phone`, async ({ page }) => {
    await signIn(page);
    const response = await page.goto(address);
    expect(response?.status()).toBe(200);
    await look(page, name, address);
  });
}

for (const [name, address] of Object.entries(strangers)) {
  test(`${name} page is whole and accessible @phone`, async ({ page }) => {
    test.info().annotations.push({ type: 'missing pages are logged by the browser itself' });
    await look(page, name, address);
  });
}

test('a stranger is asked to sign in, and then gets where they wanted', async ({ page }) => {
  await page.goto('/payments');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await ready(page);
  await page.getByLabel('E-mail').fill('viewer@adventure-works.example');
  await page.getByLabel('Password', { exact: true }).fill('adventure-demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/payments$/);
  if (scripted()) await ready(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Payments');
});
