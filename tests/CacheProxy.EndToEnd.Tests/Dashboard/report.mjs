// The weekly report's page, which is a file: rules of axe in both themes, and that it asks nobody for anything.
import { openBrowser, violations } from './browser.mjs';

export default (address) => {
  const browser = openBrowser(address);
  return {
    async accessible() {
      const found = [];
      for (const colorScheme of ['light', 'dark']) {
        const page = await browser.open({ key: null, path: null, colorScheme, bypassCSP: true });
        await page.goto(address);
        await page.locator('h1').waitFor();
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        found.push({ colorScheme, ground, tables: await page.locator('table').count(), violations: await violations(page) });
        await page.context().close();
      }

      return { found, faults: browser.faults };
    },
    [Symbol.asyncDispose]: browser.close,
  };
};
