// Both themes, narrow screens, the keyboard, print: the form of every page.
import { pages, ready, violations } from './browser.mjs';

export default ({ baseURL, browser, traffic }) => ({
  async accessible() {
    await traffic();
    const found = [];
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.open({ colorScheme, path: 'overview' });
      for (const name of pages) {
        await page.goto(`${baseURL}/dashboard/${name}${name === 'thresholds' ? '?source=audits' : ''}`);
        await ready(page);
        found.push(...(await violations(page)).map((violation) => `${name} ${colorScheme}: ${violation}`));
        if (colorScheme === 'dark' && ['overview', 'thresholds'].includes(name)) {
          await browser.picture(page, `${name}-dark`);
        }
      }

      await page.context().close();
      const signIn = await browser.open({ key: null, colorScheme, path: 'overview' });
      await signIn.getByLabel('Admin key or read-only key').waitFor();
      found.push(...(await violations(signIn)).map((violation) => `sign-in ${colorScheme}: ${violation}`));
      await signIn.context().close();
    }

    return found;
  },

  async narrow() {
    await traffic();
    const page = await browser.open({ viewport: { width: 360, height: 740 }, path: 'overview' });
    const wider = [];
    for (const name of pages) {
      await page.goto(`${baseURL}/dashboard/${name}${name === 'thresholds' ? '?source=audits' : ''}`);
      await ready(page);
      const by = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (by > 0) {
        wider.push(`${name}: ${by} px`);
      }
    }

    await browser.picture(page, 'narrow-light');
    await page.context().close();
    return wider;
  },

  async theme() {
    const page = await browser.open({ colorScheme: 'light', path: 'health' });
    await ready(page);
    const seen = [];
    for (let press = 0; press < 4; press++) {
      seen.push(await page.evaluate(() => `${document.documentElement.dataset.theme} ${getComputedStyle(document.body).backgroundColor}`));
      await page.locator('#theme').click();
    }

    await page.reload();
    await ready(page);
    const kept = await page.locator('#theme').textContent();
    await page.emulateMedia({ media: 'print' });
    const printed = { nav: await page.locator('#nav').isVisible(), figures: await page.locator('main .card').first().isVisible() };
    await page.context().close();
    return { seen, kept, printed };
  },

  async keyboard() {
    await traffic();
    const page = await browser.open({ path: 'overview' });
    await ready(page);
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30));
    const result = {};
    await page.keyboard.press('Tab');
    result.first = await focused();
    result.outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    await page.keyboard.press('Enter');
    result.skipped = await focused();
    await page.keyboard.press('?');
    result.help = await page.getByRole('dialog', { name: 'Keys' }).isVisible();
    await page.keyboard.press('Escape');
    result.closed = await page.getByRole('dialog').count();
    await page.locator('.canvas').first().focus();
    await page.keyboard.press('End');
    result.said = await page.locator('#announcer').textContent();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL(/\/tenants/);
    await ready(page);
    // A row without a name has nothing to open: then the row itself is walked to.
    const rows = page.getByRole('table', { name: 'Models', exact: true }).locator('tbody tr');
    await rows.first().evaluate((row) => (row.querySelector('button') ?? row).focus());
    await page.keyboard.press('ArrowDown');
    result.moved = await rows.nth(1).evaluate((row) => row.contains(document.activeElement));
    await page.getByRole('table', { name: 'Models', exact: true }).getByRole('button', { name: 'Requests' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/sort-model=requests.desc/);
    await ready(page);
    result.sorted = { focus: await focused(), order: await page.getByRole('columnheader', { name: 'Requests' }).nth(1).getAttribute('aria-sort') };
    await page.context().close();
    return result;
  },
});
