// What the pages show against what the API says, read through one and the same session.
import { ready } from './browser.mjs';
import { hostileModel, hostileQuestion } from './traffic.mjs';

/** The tiles by title: the figure's exact value, and what is read. */
const tilesOf = (page) => page.locator('.tile').evaluateAll((tiles) => Object.fromEntries(tiles.map((tile) => [
  tile.querySelector('h2').textContent, { value: tile.querySelector('data')?.value ?? null, text: tile.querySelector('.big').textContent, note: tile.querySelector('.note').textContent }])));

/** Rows of the table with this name, as texts and as exact values. */
const rowsOf = (page, name) => page.getByRole('table', { name, exact: true }).locator('tbody tr').evaluateAll((rows) =>
  rows.map((row) => [...row.cells].map((cell) => cell.querySelector('data')?.value ?? cell.innerText)));

export default ({ baseURL, browser, traffic }) => {
  const read = async (page, path) => (await page.context().request.get(`${baseURL}/dashboard/api/${path}`)).json();
  const visit = async (path) => {
    await traffic();
    const page = await browser.open({ path });
    await ready(page);
    return page;
  };
  return {
    async overview() {
      const page = await visit('overview?range=1h');
      const result = { tiles: await tilesOf(page), latency: await rowsOf(page, 'Latency'), tokens: await rowsOf(page, 'Tokens'), api: await read(page, 'summary?since=1h'), notice: await page.locator('.notice').allTextContents() };
      await page.getByRole('figure', { name: /./ }).first().waitFor();
      result.charts = await page.locator('figure.chart').evaluateAll((charts) => charts.map((chart) => ({
        title: chart.querySelector('h2').textContent, summary: chart.querySelector('figcaption').textContent, drawn: Boolean(chart.querySelector('canvas')) })));
      await page.locator('figure.chart').filter({ hasText: 'Requests by tier' }).getByRole('button', { name: 'Table' }).click();
      result.tiers = await rowsOf(page, /^Requests by tier/);
      await browser.picture(page, 'overview-light');
      await page.context().close();
      return result;
    },

    async prompts() {
      await traffic();
      const page = await browser.open({ path: null });
      const answer = page.waitForResponse(/groups\?.*by=entry/);
      await page.goto(`${baseURL}/dashboard/prompts?range=1h`);
      const shown = await (await answer).json();
      await ready(page);
      const result = { rows: await rowsOf(page, 'Top prompts'), near: await rowsOf(page, 'Misses that nearly hit'), api: shown };
      await page.getByRole('button', { name: 'Answered' }).first().click();
      await page.waitForURL(/order=requests/);
      await ready(page);
      await browser.picture(page, 'prompts-light');
      await page.getByRole('table', { name: 'Top prompts' }).locator('tbody button').first().click();
      await page.waitForURL(/\/cache\?.*entry=/);
      await page.getByRole('heading', { name: /^Entry / }).waitFor();
      result.opened = await page.locator('main').innerText();
      await page.context().close();
      return result;
    },

    async prefixes() {
      const page = await visit('prefixes?range=1h');
      const result = { tiles: await tilesOf(page), upstreams: await rowsOf(page, 'By upstream'), top: await rowsOf(page, 'Top prefixes'), api: await read(page, 'prefix?since=1h') };
      await page.context().close();
      return result;
    },

    async tenants() {
      const page = await visit('tenants?range=1h');
      const result = { tenants: await rowsOf(page, 'Tenants'), models: await rowsOf(page, 'Models'), budgets: await rowsOf(page, 'Budgets'), limits: await read(page, 'budgets'), api: await read(page, 'groups?since=1h&by=model&order=requests&limit=100'), title: await page.title() };
      result.hostile = { shown: await page.locator('main table').getByText(hostileModel, { exact: true }).first().isVisible(), images: await page.locator('main img').count() };
      await browser.picture(page, 'tenants-light');
      await page.context().close();
      return result;
    },

    async hostile() {
      const page = await visit('cache?tag=hostile');
      await page.locator('main tbody button').first().click();
      await page.getByText(hostileQuestion, { exact: true }).first().waitFor();
      const made = await page.locator('#evil').count();
      await page.context().close();
      return made;
    },

    async health() {
      const page = await visit('health');
      const result = { text: await page.locator('main').innerText(), api: await read(page, 'health') };
      await browser.picture(page, 'health-light');
      await page.context().close();
      return result;
    },

    async empty() {
      const page = await visit('overview?model=nobody-asks-this');
      const result = [await page.locator('main').innerText()];
      await page.context().close();
      return result;
    },

    async failure() {
      await traffic();
      browser.expect('500');
      browser.expect('net::ERR_FAILED');
      const page = await browser.open({ path: null });
      await page.route('**/api/summary?**', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"message":"The ledger is locked."}}' }));
      await page.goto(`${baseURL}/dashboard/overview`);
      const alert = page.getByRole('alert').first();
      const locked = await alert.innerText();
      await page.unroute('**/api/summary?**');
      await page.route('**/api/summary?**', (route) => route.abort());
      await alert.getByRole('button', { name: 'Try again' }).click();
      const gone = await page.getByRole('alert').filter({ hasText: 'did not answer' }).innerText();
      await page.unroute('**/api/summary?**');
      await alert.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.tile').first().waitFor();
      await page.context().close();
      return { locked, gone };
    },
  };
};
