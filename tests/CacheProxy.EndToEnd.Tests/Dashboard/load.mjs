// How long the first page takes until its first figures are on the screen, what it weighs, and what an empty page costs the same browser meanwhile.
import { ready } from './browser.mjs';

const LOADS = 5;
const EMPTY = 'lib/uPlot.LICENSE.txt';

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** In the page, before its own scripts: the time from the navigation until the first figure was painted. */
function noteFirstFigure() {
  globalThis.firstFigure = new Promise((resolve) => {
    const seek = new MutationObserver(() => {
      if (document.querySelector('.tile .big')) {
        seek.disconnect();
        // A message that is sent while a frame is made arrives once it is painted.
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(performance.now());
          channel.port2.postMessage(null);
        });
      }
    });
    seek.observe(document, { childList: true, subtree: true });
  });
}

export default ({ baseURL, browser, traffic }) => ({
  async firstLoad() {
    await traffic();
    const page = await browser.open({ path: null });
    await page.addInitScript(noteFirstFigure);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    let bytes = 0;
    let requests = 0;
    cdp.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; requests++; });
    const [loads, empty] = [[], []];
    for (let load = 0; load < LOADS; load++) {
      await page.goto(`${baseURL}/dashboard/${EMPTY}`);
      await page.waitForFunction(() => performance.getEntriesByType('paint').length > 0);
      empty.push(await page.evaluate(() => performance.getEntriesByType('paint').at(-1).startTime));
      await page.goto('about:blank');
      bytes = 0;
      requests = 0;
      await page.goto(`${baseURL}/dashboard/overview`);
      loads.push(await page.evaluate(() => globalThis.firstFigure));
      await ready(page);
    }

    const calls = await page.evaluate(() => performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/api/'))
      .map((entry) => `${new URL(entry.name).pathname.split('/api/')[1]} ${Math.round(entry.responseEnd - entry.requestStart)} ms`));
    const first = { bytes, requests };
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: false });
    await page.reload();
    await ready(page);
    bytes = 0;
    await page.reload();
    await ready(page);
    await page.context().close();
    return { median: median(loads), empty: median(empty), loads, calls, again: bytes, ...first };
  },
});
