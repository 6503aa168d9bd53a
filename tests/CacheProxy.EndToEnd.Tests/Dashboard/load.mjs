// How long the first page takes, and what it weighs.
import { ready } from './browser.mjs';

const LOADS = 5;

export default ({ baseURL, browser, traffic }) => ({
  async firstLoad() {
    await traffic();
    const page = await browser.open({ path: null });
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    let bytes = 0;
    let requests = 0;
    cdp.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; requests++; });
    const loads = [];
    for (let load = 0; load < LOADS; load++) {
      bytes = 0;
      requests = 0;
      await page.goto('about:blank');
      await page.goto(`${baseURL}/dashboard/overview`);
      await page.waitForSelector('.tile');
      loads.push(await page.evaluate(() => performance.now()));
    }

    await ready(page);
    const timing = await page.evaluate(() => { const { domContentLoadedEventEnd, loadEventEnd } = performance.getEntriesByType('navigation')[0]; return { domContentLoadedEventEnd, loadEventEnd }; });
    await page.context().close();
    return { median: loads.sort((a, b) => a - b)[LOADS >> 1], loads, bytes, requests, timing };
  },
});
