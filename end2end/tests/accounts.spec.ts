import { expect, expectAccessible, ready, signIn, signUp, test } from '../fixtures.ts';

test('somebody signs up, out and in again @phone', async ({ page }) => {
  const person = await signUp(page, 'Haddad Bicycles');
  await page.goto('/account');
  await ready(page);
  await expect(page.locator('main').getByText(person.email).first()).toBeVisible();
  await page.context().clearCookies();
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, person);
  await page.goto('/account');
  await expect(page.locator('main').getByText(person.email).first()).toBeVisible();
});

test('a wrong password is refused in words that do not tell whether the account exists', async ({ page }) => {
  const told: string[] = [];
  for (const email of ['owner@adventure-works.example', `nobody-${test.info().project.name}@example.com`]) {
    await page.goto('/sign-in');
    await ready(page);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toBeVisible();
    await expect(page.getByLabel('E-mail')).toHaveValue(email);
    told.push((await alert.innerText()).trim());
    await expectAccessible(page);
  }
  expect(told[0]).toBe(told[1]);
});

test('sign-up names every field that needs attention and keeps what was typed', async ({ page }) => {
  await page.goto('/sign-up');
  await ready(page);
  await page.getByLabel('Your name').fill('Noor');
  await page.getByLabel('E-mail').fill('noor@example.com');
  await page.getByLabel('Organisation').fill('Noor & Co');
  await page.getByLabel('Currency').selectOption('EUR');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.locator('form').first().evaluate((form: HTMLFormElement) => (form.noValidate = true)).catch(() => {});
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText(/at least 10 characters/i).first()).toBeVisible();
  await expect(page.getByLabel('E-mail')).toHaveValue('noor@example.com');
  await expect(page.getByLabel('Organisation')).toHaveValue('Noor & Co');
  await expect(page.getByLabel('Currency')).toHaveValue('EUR');
});

test('a changed password does not stay in its form', async ({ page }) => {
  const person = await signUp(page, 'Password Works');
  await page.goto('/account');
  await ready(page);
  await page.getByLabel('Current password', { exact: true }).fill(person.password);
  await page.getByLabel('New password', { exact: true }).fill('another long passphrase');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('Your password was changed')).toBeVisible();
  await expect(page.getByLabel('Current password', { exact: true })).toHaveValue('');
  await expect(page.getByLabel('New password', { exact: true })).toHaveValue('');
});

test('a new organisation sees nothing of the demo, by page or by guessed address', async ({ page, browser }) => {
  const demo = await browser.newPage();
  await signIn(demo);
  await demo.goto('/dashboards?view=standard');
  const dashboard = new URL(demo.url()).pathname;
  await demo.goto('/payments');
  const payment = await demo.locator('table a[href^="/payments/"]').first().getAttribute('href');
  await demo.close();

  await signUp(page, 'Strangers');
  for (const address of [dashboard, payment!]) {
    if (!/[0-9a-f-]{36}/.test(address)) continue;
    const response = await page.goto(address);
    expect(response?.status(), address).toBe(404);
  }
  for (const address of ['/transactions', '/payments', '/stock', '/budgets', '/categories', '/activity', '/imports']) {
    await page.goto(address);
    await expect(page.locator('main')).not.toContainText(/Adventure|Salaries|PO-\d|Litware|Road Frame/);
  }
});
