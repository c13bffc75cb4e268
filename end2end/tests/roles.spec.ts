import { expect, expectAccessible, people, ready, scripted, signIn, signUp, test } from '../fixtures.ts';

// Each sees what they may, and nothing that they may not do.

test('a viewer is told so where only members or admins may go', async ({ page }) => {
  await signIn(page, people.viewer);
  await expect(page.getByRole('link', { name: 'Jobs' })).toHaveCount(0);
  for (const address of ['/transactions/new', '/imports/new', '/jobs', '/metrics/new']) {
    const response = await page.goto(address);
    expect.soft(response?.status(), address).toBe(403);
    await expect.soft(page.getByRole('heading', { level: 1 }), address).toHaveText('Not allowed');
    await expectAccessible(page);
  }
  await page.goto('/dashboards/new');
  await expect.soft(page.locator('main')).toContainText(/role .*to look/i);
  await expect.soft(page.locator('main form')).toHaveCount(0);
});

test('a viewer reads a record as facts, without a form', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/payments');
  await page.locator('tbody a').first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Payment/);
  await expect(page.locator('main form')).toHaveCount(0);
  await expect(page.locator('main dl')).toContainText('Amount');
  await expectAccessible(page);
});

test('a member edits records, but neither people nor metrics nor settings', async ({ page }) => {
  await signIn(page, people.member);
  await page.goto('/payments');
  await expect(page.getByRole('link', { name: 'Add payment' })).toBeVisible();
  await page.goto('/people');
  await expect(page.getByRole('button', { name: 'Send the invitation' })).toHaveCount(0);
  await page.goto('/organization');
  await expect(page.locator('main').getByRole('button', { name: 'Save' })).toHaveCount(0);
  await page.goto('/metrics');
  await expect(page.getByRole('link', { name: 'Add metric' })).toHaveCount(0);
  expect((await page.goto('/metrics/new'))?.status()).toBe(403);
  expect((await page.goto('/jobs'))?.status()).toBe(403);
});

test('somebody in two organisations goes from one to the other', async ({ page }) => {
  await signUp(page, 'First House');
  await page.goto('/account');
  await ready(page);
  await page.getByText('Add an organisation').click();
  await page.getByLabel('Name of the organisation').fill('Second House');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const brand = page.locator('.org > summary');
  await expect(brand).toContainText('Second House');
  if (scripted()) {
    await ready(page);
    await expectAccessible(page);
    await brand.click();
    await page.locator('.org .panel').getByRole('button', { name: 'First House' }).click();
  } else {
    await page.goto('/account');
    await page.locator('main').getByRole('button', { name: 'Switch' }).click();
  }
  await expect(brand).toContainText('First House');
});
