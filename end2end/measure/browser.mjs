// How soon pages can be seen and used in Chromium at 10 Mbit/s and 40 ms, with nothing cached; and how smoothly a
// widget is dragged among many. One JSON document in, one out. Milliseconds and bytes.
import { chromium } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { launchOptions } from '../browser.mjs';

const { base, cookie, pages, crowded } = JSON.parse(readFileSync(0, 'utf8'));
const [name, value] = cookie.split('=');
const browser = await chromium.launch(launchOptions);

async function open(path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  if (path !== '/sign-in') await context.addCookies([{ name, value, url: base }]);
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.measured = {};
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.measured.painted = entry.startTime;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    const usable = () => document.querySelector(location.pathname.endsWith('/edit') ? '.editor[data-awake]' : 'html[data-hydrated]');
    const look = () => {
      if (usable()) window.measured.usable = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  });
  return { context, page, devtools: await context.newCDPSession(page) };
}

async function load(path) {
  const { context, page, devtools } = await open(path);
  let bytes = 0;
  devtools.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8,
  });
  await page.goto(base + path);
  await page.waitForFunction(() => window.measured.usable);
  const measured = await page.evaluate(() => window.measured);
  await context.close();
  return { bytes, ...measured };
}

// Frames while a widget is dragged round for two seconds.
async function drag(path) {
  const { context, page } = await open(path);
  await page.goto(base + path);
  await page.waitForFunction(() => window.measured.usable);
  const header = await page.locator('[data-tile] header').first().boundingBox();
  await page.mouse.move(header.x + 40, header.y + 10);
  await page.mouse.down();
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const frame = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  const end = Date.now() + 2000;
  for (let step = 0; Date.now() < end; step++) {
    const turn = step / 12;
    await page.mouse.move(header.x + 300 + 250 * Math.sin(turn), header.y + 250 + 200 * Math.cos(turn));
  }
  const frames = (await page.evaluate(() => window.frames_)).slice(1).sort((a, b) => a - b);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await context.close();
  return { frames: frames.length, median: frames[frames.length >> 1], p95: frames[Math.floor(frames.length * 0.95)] };
}

const loads = [];
for (const path of pages) {
  const runs = [];
  for (let n = 0; n < 3; n++) runs.push(await load(path));
  runs.sort((a, b) => a.usable - b.usable);
  loads.push({ path, ...runs[1] });
}
const said = { loads, drag: await drag(crowded) };
await browser.close();
process.stdout.write(JSON.stringify(said));
