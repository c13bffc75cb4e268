import { expect, expectAccessible, people, ready, signIn, test } from '../fixtures.ts';

// Everything can be reached and done without a pointer.

test('the command palette leads anywhere, and gives the keyboard back @script', async ({ page }) => {
  await signIn(page);
  const opener = page.getByRole('link', { name: 'Payments', exact: true });
  await opener.focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
  await expect(opener).toBeFocused();

  await page.keyboard.press('Control+k');
  await page.keyboard.type('invent');
  await expect(palette.getByRole('option')).toHaveText([/Inventory Focus/]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Inventory Focus');
  await expect(palette).toBeHidden();

  await page.keyboard.press('Control+k');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/metrics$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zzzz');
  await expect(palette.getByRole('status')).toHaveText('Nothing has such a name.');
});

test('a question mark lists the keys, but not while somebody types @script', async ({ page }) => {
  await signIn(page);
  await page.goto('/stock');
  await ready(page);
  await page.keyboard.press('?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  await expect(keys).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(keys).toBeHidden();
  await page.getByLabel('Search').focus();
  await page.keyboard.press('?');
  await expect(keys).toBeHidden();
});

test('the first stop of the keyboard skips to the content', async ({ page }) => {
  await signIn(page);
  await page.goto('/stock');
  await ready(page);
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the content' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.locator('main :focus')).toHaveCount(1);
});

test('menus open, move and close by keys, and give the focus back @script', async ({ page }) => {
  await signIn(page);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  const button = page.locator('.menu.compare > summary');
  await button.focus();
  await page.keyboard.press('ArrowDown');
  const items = page.locator('.menu.compare .item');
  await expect(items.nth(0)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(items.last()).toBeFocused();
  await page.keyboard.press('Home');
  await expect(items.first()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(items.first()).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Tab');
  await expect(button).toBeFocused();
  await expect(items.first()).toBeVisible();
  await page.keyboard.press('Shift+Tab');
  await expect(button).not.toBeFocused();
  await expect(items.first()).toBeHidden();
  await button.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/compare=none/);
});

// Each stop of the Tab key is visible, marked, and comes after the one before it in the document.
for (const address of ['/dashboards', '/transactions', '/payments/new', '/metrics/net_profit', '/people', '/imports/new', '/account']) {
  test(`the Tab key leads through ${address} in order, and one can see where it is @script`, async ({ page }) => {
    await signIn(page);
    await page.goto(address);
    await ready(page);
    const expected = await page.evaluate(() => {
      const all = [...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]')];
      const shown = all.filter((e) => e.tabIndex >= 0 && !(e as HTMLButtonElement).disabled && e.checkVisibility({ visibilityProperty: true }));
      return shown.filter((e) => !(e instanceof HTMLInputElement && (e.type === 'hidden' || e.type === 'radio'))).length;
    });
    let stops = 0;
    let previous: import('@playwright/test').ElementHandle | null = null;
    for (; stops < Math.min(expected, 60); stops++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluateHandle(() => document.activeElement as HTMLElement);
      // A field for a date has stops of its own inside.
      const seen = await here.evaluate((e, before) => {
        const style = getComputedStyle(e);
        const box = e.getBoundingClientRect();
        const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
        const label = e.nextElementSibling as HTMLElement | null;
        return {
          what: e.outerHTML.slice(0, 120),
          body: e === document.body,
          marked: marked || (e.querySelector('path') && getComputedStyle(e.querySelector('path')!).stroke !== 'none') || style.boxShadow !== 'none' || e.matches('input, select, textarea') || getComputedStyle(label ?? e).outlineStyle !== 'none',
          visible: box.width > 0 && box.height > 0,
          after: !before || before === e || !!(before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING),
        };
      }, previous as never);
      expect(seen.body, `the keyboard got lost after ${stops} of ${expected} stops`).toBe(false);
      expect(seen, seen.what).toMatchObject({ marked: true, visible: true, after: true });
      previous = here.asElement();
    }
    expect(stops).toBeGreaterThan(5);
  });
}

test('a viewer meets no button that they may not press @script', async ({ page }) => {
  await signIn(page, people.viewer);
  for (const address of ['/transactions', '/payments', '/stock', '/budgets', '/categories', '/imports', '/metrics', '/people', '/organization', '/dashboards']) {
    await page.goto(address);
    await ready(page);
    await expect(page.locator('main').getByRole('button', { name: /^(Add|Save|Delete|Upload|Invite|Send|Remove|Rename|Change)/ }), address).toHaveCount(0);
    await expect(page.locator('main').getByRole('link', { name: /^(Add|Import|New|Edit)/ }), address).toHaveCount(0);
    await expectAccessible(page);
  }
});

// What is open in it, and where the keyboard is, would be lost.
test('after signing in, the frame stays where it is while its pages change @script', async ({ page }) => {
  await signIn(page);
  await page.evaluate(() => {
    const gone = (change: MutationRecord) => [...change.removedNodes].some((n) => n instanceof Element && n.matches('.frame'));
    new MutationObserver((changes) => {
      if (changes.some(gone)) document.documentElement.dataset.frame = 'gone';
    }).observe(document.body, { childList: true, subtree: true });
  });
  for (const name of ['Metrics', 'Activity', 'Payments', 'Imports', 'People', 'Dashboards']) {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await expect(page.locator('main h1')).not.toHaveCount(0);
    await expect(page.locator(`a[aria-current="page"]`).filter({ hasText: name })).toBeVisible();
  }
  await expect(page.locator('html[data-frame="gone"]')).toHaveCount(0);
});
