import { type Locator, type Page } from '@playwright/test';
import { expect, expectAccessible, expectNoSideways, people, ready, signIn, test } from '../fixtures.ts';

// Arranging a dashboard. All of it needs scripts, but for the last test.

// Nothing slides while it is measured.
test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: 'reduce' }));

// A blank dashboard of its own for each test, opened for editing.
async function blank(page: Page, name: string) {
  const unique = `${name} ${test.info().project.name} ${test.info().workerIndex}-${Date.now() % 100_000}`;
  await page.goto('/dashboards/new');
  await ready(page);
  await page.getByLabel('Name').fill(unique);
  await page.getByText('Blank', { exact: true }).click();
  await page.getByRole('button', { name: 'Create the dashboard' }).click();
  await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}/);
  await page.goto(new URL(page.url()).pathname + '/edit');
  await woken(page);
  return new URL(page.url()).pathname;
}

// The page listens once the palette's state is known.
async function woken(page: Page) {
  await ready(page);
  await expect(page.locator('.editor[data-awake]')).toBeAttached();
}

const widget = (page: Page, title: string) => page.locator(`[data-tile]:has(h2:text-is("${title}"))`);
const settings = (page: Page) => page.locator('.editor-panel');

async function expectPlace(page: Page, title: string, x: number, y: number, w: number, h: number) {
  await expect(widget(page, title)).toHaveAttribute('aria-label', new RegExp(`: column ${x}, row ${y}, ${w} by ${h}$`));
}

// Where a cell of the grid is in the window.
async function cell(page: Page, x: number, y: number) {
  const box = (await page.locator('.canvas').boundingBox())!;
  return { x: box.x + (x * (box.width + 12)) / 12, y: box.y + y * 92 };
}

async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 6, from.y + 6);
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
}

async function middle(target: Locator) {
  const box = (await target.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

// Drags a kind out of the palette to a cell.
async function dragIn(page: Page, kind: string, x: number, y: number) {
  const to = await cell(page, x, y);
  await drag(page, await middle(page.locator(`[data-kind="${kind}"]`)), { x: to.x + 36, y: to.y + 22 });
  await expect(page.locator('.placeholder')).toBeVisible();
  await page.mouse.up();
}

async function pull(page: Page, title: string, handle: string, columns: number, rows: number) {
  await widget(page, title).hover();
  const from = await middle(widget(page, title).locator(`[data-handle="${handle}"]`));
  const column = (await cell(page, 1, 0)).x - (await cell(page, 0, 0)).x;
  await drag(page, from, { x: from.x + columns * column, y: from.y + rows * 92 });
  await page.mouse.up();
}

// Tells the widget that was just added what to show.
async function configure(page: Page, title: string, metric: string) {
  await settings(page).getByLabel('Title').fill(title);
  await settings(page).getByRole('combobox', { name: 'Metric' }).fill(metric);
  await settings(page).locator('.combobox-list [role=option]').first().click();
  await expect(widget(page, title)).toBeVisible();
}

async function save(page: Page) {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('#draft-state')).toHaveText('No unsaved changes');
}

async function expectCashFlow(page: Page) {
  await page.getByRole('link', { name: 'Done' }).click();
  await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}$/);
  const cards = page.locator('.grid12 .widget');
  await expect(cards).toHaveCount(4);
  for (const title of ['Cash In', 'Cash Out', 'Collection Rate', 'Cash Flow']) {
    await expect(page.getByRole('heading', { name: title, exact: true })).toBeVisible();
  }
  await expect(page.locator('.grid12 .notice.bad')).toHaveCount(0);
}

test.describe('with a mouse @script', () => {
  test.beforeEach(async ({ page }) => signIn(page, people.member));

  test('the Cash Flow dashboard is built from a blank one', async ({ page }) => {
    test.slow();
    await blank(page, 'By mouse');
    await expectAccessible(page);
    await dragIn(page, 'kpi', 0, 0);
    await configure(page, 'Cash In', 'cash_in');
    await page.keyboard.press('Escape');
    await pull(page, 'Cash In', 'e', 1, 0);
    await expectPlace(page, 'Cash In', 1, 1, 4, 2);
    await dragIn(page, 'kpi', 4, 0);
    await configure(page, 'Cash Out', 'cash_out');
    await page.keyboard.press('Escape');
    await pull(page, 'Cash Out', 'se', 1, 0);
    await dragIn(page, 'gauge', 8, 0);
    await configure(page, 'Collection Rate', 'collection_rate');
    await page.keyboard.press('Escape');
    await pull(page, 'Collection Rate', 'se', 1, 1);
    await page.locator('[data-kind="area_chart"]').click();
    await configure(page, 'Cash Flow', 'cash_flow_trend');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expectPlace(page, 'Cash In', 1, 1, 4, 2);
    await expectPlace(page, 'Cash Out', 5, 1, 4, 2);
    await expectPlace(page, 'Collection Rate', 9, 1, 4, 4);
    await expectPlace(page, 'Cash Flow', 1, 3, 8, 4);
    await expect(widget(page, 'Cash Flow').locator('.wb')).toBeVisible();
    await expectAccessible(page);
    await expectNoSideways(page);
    await save(page);
    await expectCashFlow(page);
  });

  test('what a new widget lacks is an error once its field was left', async ({ page }) => {
    await blank(page, 'Unfinished');
    await page.locator('[data-kind="kpi"]').click();
    const metric = settings(page).getByRole('combobox', { name: 'Metric' });
    await expect(settings(page).getByText('Choose a metric to see it here.')).toBeVisible();
    await expect(widget(page, 'Key figure')).toContainText('Choose a metric to see it here.');
    await expect(metric).not.toHaveAttribute('aria-invalid');
    await metric.focus();
    await page.keyboard.press('Tab');
    await expect(metric).toHaveAttribute('aria-invalid', 'true');
  });

  test('settings and palette stand side by side', async ({ page }) => {
    await blank(page, 'Side by side');
    await page.locator('[data-kind="kpi"]').click();
    await expect(settings(page)).toBeVisible();
    for (const width of [1280, 1100]) {
      await page.setViewportSize({ width, height: 800 });
      const top = (await page.locator('.editor-top').boundingBox())!;
      const panel = (await page.locator('.editor-panel').boundingBox())!;
      expect(top.x + top.width).toBeLessThanOrEqual(panel.x + 1);
      await expectNoSideways(page);
    }
  });

  test('neighbours make way while a widget is dragged, and Esc puts everything back', async ({ page }) => {
    await blank(page, 'Making way');
    for (const kind of ['alerts_feed', 'calendar']) await page.locator(`[data-kind="${kind}"]`).click();
    await expectPlace(page, 'Alerts', 1, 1, 4, 4);
    await expectPlace(page, 'Calendar', 5, 1, 6, 5);
    const from = await middle(widget(page, 'Calendar').locator('header'));
    const to = await cell(page, 0, 0);
    await drag(page, from, { x: to.x + 280, y: to.y + 20 });
    await expectPlace(page, 'Alerts', 1, 6, 4, 4);
    await expect(page.locator('.placeholder')).toBeVisible();
    await page.screenshot({ path: `screenshots/builder-dragging.png` });
    await page.keyboard.press('Escape');
    await expectPlace(page, 'Alerts', 1, 1, 4, 4);
    await expectPlace(page, 'Calendar', 5, 1, 6, 5);
    await expect(page.locator('.placeholder')).toBeHidden();
    await page.mouse.up();
    await drag(page, from, { x: to.x + 280, y: to.y + 20 });
    await page.mouse.up();
    await expectPlace(page, 'Calendar', 1, 1, 6, 5);
    await expectPlace(page, 'Alerts', 1, 6, 4, 4);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expectPlace(page, 'Calendar', 5, 1, 6, 5);
    await page.getByRole('button', { name: 'Redo' }).click();
    await expectPlace(page, 'Calendar', 1, 1, 6, 5);
    for (let n = 0; n < 3; n++) await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.locator('[data-tile]')).toHaveCount(0);
    await expect(page.locator('#draft-state')).toHaveText('No unsaved changes');
  });

  test('a draft is found again after the page was reloaded in the middle', async ({ page }) => {
    await blank(page, 'Reloaded');
    await page.locator('[data-kind="alerts_feed"]').click();
    await expect(page.locator('#draft-state')).toHaveText(/^Draft saved \d\d:\d\d$/);
    // There and back again, sooner than the draft would be thrown away.
    await page.keyboard.press('Control+z');
    await expect(widget(page, 'Alerts')).toHaveCount(0);
    await page.keyboard.press('Control+y');
    await expect(widget(page, 'Alerts')).toBeVisible();
    await expect(page.locator('#draft-state')).toHaveText(/^Draft saved \d\d:\d\d$/);
    await page.locator('[data-kind="calendar"]').click();
    // The last change has not been kept yet: it is sent when the page goes.
    await page.reload();
    await woken(page);
    await expect(page.getByText(/^Unsaved changes from/)).toBeVisible();
    await expect(widget(page, 'Alerts')).toBeVisible();
    await page.getByRole('button', { name: 'Continue' }).click();
    await save(page);
    await page.reload();
    await woken(page);
    await expect(widget(page, 'Alerts')).toBeVisible();
    await expect(page.getByText(/^Unsaved changes from/)).toHaveCount(0);
  });

  test('leaving with unsaved changes asks, by link, palette and the way back', async ({ page }) => {
    test.slow();
    const path = await blank(page, 'Leaving');
    await page.locator('[data-kind="alerts_feed"]').click();
    const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
    const stay = async () => {
      await expect(dialog).toBeVisible();
      await dialog.getByRole('button', { name: 'Stay' }).click();
      await expect(dialog).toBeHidden();
      expect(new URL(page.url()).pathname).toBe(path);
      await expect(widget(page, 'Alerts')).toBeVisible();
    };
    await page.getByRole('link', { name: 'Transactions' }).click();
    await stay();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to' }).fill('Payments');
    await page.keyboard.press('Enter');
    await stay();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save and leave' }).click();
    await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}$/);
    await expect(page.getByRole('heading', { name: 'Alerts' })).toBeVisible();
    await page.getByRole('link', { name: 'Edit', exact: true }).click();
    await woken(page);
    await page.locator('[data-kind="calendar"]').click();
    await page.goBack();
    await stay();
    await page.getByRole('link', { name: 'Transactions' }).click();
    await dialog.getByRole('button', { name: 'Discard and leave' }).click();
    await page.waitForURL(/\/transactions$/);
    await page.goto(path);
    await woken(page);
    await expect(widget(page, 'Calendar')).toHaveCount(0);
    await expect(widget(page, 'Alerts')).toBeVisible();
  });

  test('a dashboard saved in two browsers loses nothing', async ({ page, browser }) => {
    const path = await blank(page, 'Shared');
    await page.locator('[data-kind="alerts_feed"]').click();
    await save(page);
    const other = await (await browser.newContext()).newPage();
    await signIn(other, people.member);
    await other.goto(path);
    await woken(other);
    await other.locator('[data-kind="calendar"]').click();
    await save(other);

    await page.locator('[data-kind="notes"]').click();
    await settings(page).getByLabel('Title').fill('Mine');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'You saved this dashboard elsewhere' });
    await expect(dialog).toBeVisible();
    await expect(dialog).toContainText('Calendar');
    await expect(dialog).toContainText('Mine');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Merge both' }).click();
    for (const title of ['Alerts', 'Calendar', 'Mine']) await expect(widget(page, title)).toBeVisible();
    await save(page);
    await other.reload();
    await woken(other);
    for (const title of ['Alerts', 'Calendar', 'Mine']) await expect(widget(other, title)).toBeVisible();
    await other.context().close();
  });

  test('two windows of one person do not write over each other', async ({ page, context }) => {
    const path = await blank(page, 'Two windows');
    const kept = (window: Page) => expect(window.locator('#draft-state')).toHaveText(/^Draft saved \d\d:\d\d$/);
    await page.locator('[data-kind="alerts_feed"]').click();
    await kept(page);
    const other = await context.newPage();
    await other.goto(path);
    await woken(other);
    // It goes on with the draft that there is.
    await expect(widget(other, 'Alerts')).toBeVisible();
    await other.locator('[data-kind="calendar"]').click();
    await kept(other);
    // Loaded anew, a window comes with its own draft, also when the other's is the later one.
    await page.locator('[data-kind="notes"]').click();
    await page.keyboard.press('Escape');
    await kept(page);
    await widget(other, 'Calendar').focus();
    await other.keyboard.press('Shift+ArrowDown');
    await kept(other);
    await page.reload();
    await woken(page);
    expect(new URL(page.url()).searchParams.get('draft')).toMatch(/^[0-9a-f-]{36}$/);
    await expect(widget(page, 'Notes')).toBeVisible();
    await expect(widget(page, 'Calendar')).toHaveCount(0);
    await save(other);
    expect(new URL(other.url()).search).toBe('');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'You saved this dashboard elsewhere' });
    await expect(dialog).toContainText('Calendar');
    await dialog.getByRole('button', { name: 'Merge both' }).click();
    for (const title of ['Alerts', 'Calendar', 'Notes']) await expect(widget(page, title)).toBeVisible();
    await save(page);
    expect(new URL(page.url()).search).toBe('');
  });

  test('a widget is copied from one dashboard to another', async ({ page }) => {
    await blank(page, 'From');
    await page.locator('[data-kind="notes"]').click();
    await settings(page).getByLabel('Title').fill('Read me');
    await page.keyboard.press('Escape');
    await widget(page, 'Read me').focus();
    await page.keyboard.press('Control+c');
    await expect(page.locator('#said')).toHaveText('Read me was copied.');
    await save(page);
    await blank(page, 'To');
    await page.getByRole('button', { name: 'Paste Read me' }).click();
    await expectPlace(page, 'Read me', 1, 1, 3, 3);
    await widget(page, 'Read me').focus();
    await page.keyboard.press('Control+d');
    await expect(widget(page, 'Read me')).toHaveCount(2);
  });
});

test('the Cash Flow dashboard is built by keyboard alone @script', async ({ page }) => {
  test.slow();
  await signIn(page, people.member);
  await blank(page, 'By keys');
  const add = async (label: string, title: string, metric: string) => {
    await page.keyboard.press('a');
    await expect(page.locator('.kinds button[data-kind]').first()).toBeFocused();
    for (let n = 0; n < 12; n++) {
      const focused = await page.evaluate(() => document.activeElement?.querySelector('b')?.textContent);
      if (focused === label) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await expect(settings(page)).toBeVisible();
    await configure(page, title, metric);
    await page.keyboard.press('Escape');
    await expect(widget(page, title)).toBeFocused();
  };
  const said = page.locator('#said');
  await add('Key figure', 'Cash In', 'cash_in');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(said).toHaveText('Cash In: column 1, row 1, 4 by 2');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(said).toHaveText('Cash In is 4 by 2. It may be 2 by 2 to 4 by 3.');
  await add('Key figure', 'Cash Out', 'cash_out');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(said).toHaveText('Cash Out: column 5, row 1, 4 by 2');
  await add('Gauge', 'Collection Rate', 'collection_rate');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(said).toHaveText('Collection Rate: column 9, row 1, 4 by 4');
  await add('Area chart', 'Cash Flow', 'cash_flow_trend');
  await page.keyboard.press('ArrowUp');
  await expect(said).toHaveText('Cash Flow: column 1, row 1, 8 by 4');
  await expect(widget(page, 'Cash Flow')).toBeFocused();
  await page.keyboard.press('Control+z');
  await expectPlace(page, 'Cash Flow', 1, 3, 8, 4);
  await page.keyboard.press('Delete');
  await expect(widget(page, 'Cash Flow')).toHaveCount(0);
  await expect(page.locator('[data-tile]:focus')).toHaveCount(1);
  await page.keyboard.press('Control+z');
  await expectPlace(page, 'Cash Flow', 1, 3, 8, 4);
  await expect(widget(page, 'Cash Flow')).toBeFocused();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('While arranging a dashboard');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+s');
  await expect(page.locator('#draft-state')).toHaveText('No unsaved changes');
  await expectCashFlow(page);
});

test('the Cash Flow dashboard is built on a phone with a finger @phone @finger', async ({ page }) => {
  test.slow();
  await signIn(page, people.member);
  await blank(page, 'By finger');
  const add = async (kind: string, title: string, metric: string) => {
    await page.getByRole('button', { name: 'Add', exact: true }).tap();
    await page.locator(`[data-kind="${kind}"]`).tap();
    await expect(page.locator('#kinds')).toBeHidden();
    await configure(page, title, metric);
    await settings(page).getByRole('button', { name: 'Close' }).tap();
    await expect(settings(page)).toHaveCount(0);
  };
  await add('area_chart', 'Cash Flow', 'cash_flow_trend');
  await add('kpi', 'Cash In', 'cash_in');
  await add('gauge', 'Collection Rate', 'collection_rate');
  await add('kpi', 'Cash Out', 'cash_out');
  const titles = page.locator('[data-tile] h2');
  await expectAccessible(page);
  await expectNoSideways(page);
  const before = await titles.allInnerTexts();
  await page.getByRole('button', { name: 'Move Cash In up' }).tap();
  const at = before.indexOf('Cash In');
  await expect(titles.nth(at - 1)).toHaveText('Cash In');

  // From its place to the very top, by the grip.
  await widget(page, 'Cash Out').scrollIntoViewIfNeeded();
  const grip = await middle(widget(page, 'Cash Out').locator('.grip'));
  const touch = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x: grip.x, y }] });
  await send('touchStart', grip.y);
  for (let y = grip.y; y > 150; y -= 40) await send('touchMove', y);
  // Held near the upper edge, the page scrolls until its beginning is there.
  await send('touchMove', 120);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await send('touchMove', 118);
  await page.screenshot({ path: 'screenshots/builder-dragging-phone.png' });
  await send('touchEnd', 0);
  await expect(titles.first()).toHaveText('Cash Out');
  await page.getByRole('button', { name: 'Undo' }).tap();
  await expect(titles.first()).not.toHaveText('Cash Out');
  await save(page);
  await expectCashFlow(page);
});

test('the editor is whole and accessible @phone @script', async ({ page }) => {
  await signIn(page);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.waitForURL(/\/edit$/);
  const project = test.info().project.name;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.reload();
    await woken(page);
    await expect(page.locator('[data-tile]')).toHaveCount(6);
    await expectAccessible(page);
    await expectNoSideways(page);
    await page.screenshot({ path: `screenshots/builder-${project}-${colorScheme}.png` });
  }
});

test('without scripts the page says what it needs and leads back @plain', async ({ page }) => {
  await signIn(page);
  await page.goto('/dashboards?view=standard');
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  const notice = page.locator('noscript .notice');
  await expect(notice).toBeVisible();
  await expect(notice).toContainText('Arranging a dashboard needs JavaScript');
  await expect(page.locator('[data-tile] .wb').first()).toBeVisible();
  await notice.locator('a').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Executive Overview');
});

test('a viewer is not offered to edit', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  await expect(page.getByRole('link', { name: 'Edit', exact: true })).toHaveCount(0);
});
