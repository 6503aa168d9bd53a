// One browser for all scenarios, which notes what no page may do: write an error to the console, or ask another host.
import { createRequire } from 'node:module';
import { mkdir, readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { adminKey } from './keys.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const pictures = new URL('../../../artifacts/dashboard/', import.meta.url).pathname;

export const pages = ['overview', 'prompts', 'prefixes', 'tenants', 'live', 'cache', 'thresholds', 'health'];

/** @param {string} baseURL */
export function openBrowser(baseURL) {
  const faults = [];
  const expected = [];
  let started;
  const browser = () => (started ??= chromium.launch({ executablePath: '/usr/bin/chromium', args: flags }));

  /** A page in a profile of its own, signed in. */
  const open = async ({ key = adminKey, path = '', ...options } = {}) => {
    const context = await (await browser()).newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !expected.some((text) => message.text().includes(text))) faults.push(`console: ${message.text()}`); });
    page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
    page.on('request', (request) => { if (!request.url().startsWith(baseURL) && !request.url().startsWith('data:')) faults.push(`request: ${request.url()}`); });
    if (key) {
      await context.request.post(`${baseURL}/dashboard/api/session`, { data: { key } });
    }

    if (path !== null) {
      await page.goto(`${baseURL}/dashboard/${path}`);
    }

    return page;
  };

  const picture = async (page, name) => {
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
  };

  return { open, picture, faults, expect: (text) => expected.push(text), close: async () => started && (await started).close() };
}

/** Until no figure is loading any more. */
export async function ready(page) {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => !document.querySelector('.loading, [aria-busy]') && document.querySelector('main .card, main .state'));
}

/** What axe finds of a page: rule and element. */
export async function violations(page) {
  await page.evaluate(axe);
  return await page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return found.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')} ${node.any[0]?.message ?? ''}`));
  });
}
