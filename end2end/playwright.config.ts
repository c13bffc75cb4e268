import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser.mjs';

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./summary.ts']],
  use: {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:3000',
    viewport: desktop,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // TRACE=1 records what a failing journey did; recording slows every journey down.
    trace: process.env.TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions,
  },
  // Every journey runs with JavaScript and without, unless its tags say what it needs: scripts, none, or a finger.
  projects: [
    { name: 'script', grepInvert: /@plain|@finger/ },
    { name: 'plain', use: { javaScriptEnabled: false }, grepInvert: /@script|@finger/ },
    { name: 'phone', use: { viewport: phone, hasTouch: true, isMobile: true }, grep: /@phone/ },
  ],
});
