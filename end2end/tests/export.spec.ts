import { api, expect, expectAccessible, expectNoSideways, people, ready, scripted, signIn, signUp, test } from '../fixtures.ts';

test('a dashboard leaves as a file with its range, from its own menu @phone', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/dashboards?from=now-3M%2FM&to=now%2FM&compare=none');
  await ready(page);
  await page.locator('summary', { hasText: 'Export' }).click();
  const link = page.getByRole('link', { name: 'Document (PDF)' });
  const address = await link.getAttribute('href');
  expect(address).toContain('from=now-3M/M');
  for (const [ending, start] of [['pdf', '%PDF'], ['png', '\u0089PNG'], ['svg', '<svg'], ['csv', 'Title,'], ['json', '{']]) {
    const answer = await page.request.get(address!.replace('.pdf', `.${ending}`));
    expect(answer.status(), ending).toBe(200);
    expect((await answer.body()).toString('latin1').startsWith(start), ending).toBe(true);
  }
  await expectAccessible(page);
  await expectNoSideways(page);
});

test('the full screen leaves out what is around the cards, and Esc leads back', async ({ page }) => {
  await signIn(page, people.viewer);
  await page.goto('/dashboards?view=standard');
  await ready(page);
  await page.locator('summary', { hasText: 'Export' }).click();
  const address = await page.getByRole('link', { name: 'Full screen' }).getAttribute('href');
  await page.goto(address!);
  await ready(page);
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await expectAccessible(page);
  if (scripted()) await page.keyboard.press('Escape');
  else await page.getByRole('link', { name: 'Leave' }).click();
  await expect(page.locator('.kiosk-bar')).toHaveCount(0);
  expect(page.url()).not.toContain('kiosk');
});

test('a dashboard comes back in as code, with a preview first', async ({ page }) => {
  await signIn(page, people.owner);
  await page.goto('/dashboards/import');
  await ready(page);
  const name = `As code ${test.info().project.name} ${Date.now()}`;
  const code = { belvedere: 1, name, widgets: [{ kind: 'kpi', x: 0, y: 0, w: 3, h: 2, settings: { metric: 'total_revenu' } }] };
  await page.getByLabel('Or its text').fill(JSON.stringify(code));
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('heading', { name: `A new dashboard, “${name}”` })).toBeVisible();
  await expect(page.getByText('Did you mean “total_revenue”?')).toBeVisible();
  await ready(page);
  await expectAccessible(page);
  await expectNoSideways(page);
  code.widgets[0].settings.metric = 'total_revenue';
  await page.getByLabel('Or its text').fill(JSON.stringify(code));
  await page.getByRole('button', { name: 'Import' }).click();
  await page.waitForURL(/\/dashboards\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
});

test('a public link gives its files too, from the page that it opens @phone', async ({ page }) => {
  const who = await signUp(page, 'Shared Files');
  const call = await api(page, who);
  const made = await call('POST', '/dashboards', {
    name: 'For the bank',
    widgets: [
      { kind: 'kpi', settings: { metric: 'pending_payments', title: 'Pending' } },
      { kind: 'notes', settings: { title: 'Note', text: 'Hello' } },
    ],
  });
  const link = await call('POST', `/dashboards/${made.id}/share`, { password: 'a password for it', unlocked: true });
  await page.context().clearCookies();
  // A file's address leads to the gate first.
  await page.goto(`${link.share_url}.csv`);
  await page.getByLabel('Password').fill('a password for it');
  await page.getByRole('button', { name: 'Show the dashboard' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('For the bank');
  await page.goto(`${link.share_url}?from=now-3M%2FM&to=now%2FM`);
  await page.locator('summary', { hasText: 'Export' }).click();
  const whole = (await page.getByRole('link', { name: 'Document (PDF)' }).getAttribute('href'))!;
  await page.locator('summary', { hasText: 'Export' }).click();
  await page.locator('summary[aria-label="Files of Pending"]').click();
  const one = (await page.getByRole('link', { name: 'CSV' }).and(page.locator(':visible')).getAttribute('href'))!;
  expect(whole).toContain('from=now-3M/M');
  for (const [address, start] of [[whole, '%PDF'], [whole.replace('.pdf', '.png'), '\u0089PNG'], [one, 'Title,Pending']]) {
    const answer = await page.request.get(address);
    expect(answer.status(), address).toBe(200);
    expect((await answer.body()).toString('latin1').startsWith(start), address).toBe(true);
  }
  await expectAccessible(page);
  await expectNoSideways(page);
});
