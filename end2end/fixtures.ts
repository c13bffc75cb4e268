import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

// Fails any test during which the page logs an error or throws.
export const test = base.extend<{ quiet: void }>({
  // Each test comes from an address of its own: sign-ups from one address are throttled.
  extraHTTPHeaders: async ({}, use) => {
    const byte = () => 1 + Math.floor(Math.random() * 254);
    await use({ 'X-Forwarded-For': `10.${byte()}.${byte()}.${byte()}` });
  },
  quiet: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('console', (message) => {
        // The browser itself logs every answer of 4xx, also those that a journey is about: pages that are
        // missing, forms that are refused.
        if (/^Failed to load resource: .* status of (403|404|409|422)/.test(message.text())) return;
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${message.text()} (${page.url()})`);
      });
      page.on('pageerror', (error) => complaints.push(`${error.message} (${page.url()})`));
      await use();
      expect(complaints, 'console errors and warnings').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

export const people = {
  owner: { email: 'owner@adventure-works.example', password: 'adventure-demo' },
  member: { email: 'member@adventure-works.example', password: 'adventure-demo' },
  viewer: { email: 'viewer@adventure-works.example', password: 'adventure-demo' },
};

export async function signIn(page: Page, who: { email: string; password: string } = people.owner) {
  await page.goto('/sign-in');
  await ready(page);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  await ready(page);
}

// Whether scripts run in this project.
export const scripted = () => test.info().project.use.javaScriptEnabled !== false;

// Waits until the page has woken up, where scripts run at all.
export async function ready(page: Page) {
  if (scripted()) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

export async function expectAccessible(page: Page) {
  if (!scripted()) return; // axe itself is a script
  // Colours half-way through a change of the scheme are nobody's to read. What follows the scrolling never ends.
  await page.waitForFunction(() =>
    document.getAnimations().every((a) => a.timeline !== document.timeline || a.playState !== 'running' || a.effect?.getComputedTiming().endTime === Infinity),
  );
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const told = violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.slice(0, 5).map((n) => `    ${n.target.join(' ')}  ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n'));
  expect(told, `axe on ${page.url()}`).toEqual([]);
}

// The page must not be wider than the screen.
export async function expectNoSideways(page: Page) {
  if (!scripted()) return;
  const extra = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(extra, `horizontal overflow on ${page.url()}`).toBeLessThanOrEqual(0);
}

// Sums of the sample ledger in cents, by plain arithmetic over the CSV.
export function ledgerSums() {
  const rows = readFileSync(new URL('../samples/transactions.csv', import.meta.url), 'utf8').trim().split('\n');
  const header = rows[0].trim().split(',');
  const [type, amount] = [header.indexOf('type'), header.indexOf('amount')];
  let income = 0n;
  let expense = 0n;
  for (const row of rows.slice(1)) {
    const cells = split(row.trim());
    const cents = BigInt(cells[amount].replace('.', ''));
    if (cells[type] === 'income') income += cents;
    else expense += cents;
  }
  return { income, expense, profit: income - expense };
}

function split(row: string): string[] {
  return [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((m) => m[1].replace(/^"|"$/g, '').replace(/""/g, '"'));
}

// "$12,345.67" or "−$12.00", as the product writes it.
export function dollars(cents: bigint): string {
  const positive = cents < 0n ? -cents : cents;
  const whole = (positive / 100n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${cents < 0n ? '\u2212' : ''}$${whole}.${(positive % 100n).toString().padStart(2, '0')}`;
}

// A person and an organisation that no other test knows.
export async function signUp(page: Page, organization: string) {
  const unique = `${organization.toLowerCase().replace(/\W+/g, '-')}-${test.info().project.name}-${test.info().workerIndex}-${process.pid}`;
  await page.goto('/sign-up');
  await ready(page);
  await page.getByLabel('Your name').fill('Noor Haddad');
  await page.getByLabel('E-mail').fill(`${unique}@example.com`);
  await page.getByLabel('Organisation').fill(organization);
  await page.getByLabel('Password', { exact: true }).fill('a long enough passphrase');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-up'));
  await ready(page);
  return { email: `${unique}@example.com`, password: 'a long enough passphrase' };
}

// What a program does with an access token of the person.
export async function api(page: Page, who: { email: string; password: string }) {
  const { access_token } = await (await page.request.post('/api/v1/auth/token', { data: who })).json();
  return async (method: string, path: string, data?: unknown) => {
    const response = await page.request.fetch(`/api/v1${path}`, { method, data, headers: { Authorization: `Bearer ${access_token}` } });
    expect(response.ok(), `${method} ${path}: ${response.status()} ${await response.text()}`).toBe(true);
    return response.status() === 204 ? undefined : response.json();
  };
}

// A day of the last whole month, which every usual range includes.
export function lastMonth() {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 15)).toISOString().slice(0, 10);
}

export const today = () => new Date().toISOString().slice(0, 10);
