import { existsSync } from 'node:fs';

// Playwright's own browser downloads are not needed: the distribution's Chromium does. Its headless shell, where there is
// one, does the same in a fraction of the time, for it draws no window around the page.
const browsers = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
export const launchOptions = {
  executablePath: browsers.map((name) => `/usr/bin/${name}`).find(existsSync),
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};
