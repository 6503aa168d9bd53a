// Everything that can be pressed: filters and time range in the address, the live tail, tags, deletion, feedback, thresholds.
import { ready } from './browser.mjs';
import { api, client, questions } from './traffic.mjs';

const search = (page) => new URL(page.url()).search;

export default ({ baseURL, browser, traffic }) => {
  const ask = client(baseURL);
  return {
    async address() {
      await traffic();
      const page = await browser.open({ path: 'overview' });
      await ready(page);
      await page.getByRole('button', { name: '7 d' }).click();
      await page.getByLabel('Model').selectOption('gpt-4o-mini');
      await ready(page);
      const chosen = search(page);
      await page.reload();
      await ready(page);
      const reloaded = { search: search(page), model: await page.getByLabel('Model').inputValue(), range: await page.locator('[aria-pressed=true]').first().textContent() };
      await page.getByRole('link', { name: 'Prompts' }).click();
      await page.waitForURL(/prompts/);
      const other = search(page);
      await page.getByRole('link', { name: 'Cache', exact: true }).click();
      await page.waitForURL(/cache/);
      await ready(page);
      const cache = { search: search(page), model: await page.getByLabel('Model').inputValue() };
      await page.goBack();
      await page.goBack();
      await page.goBack();
      await ready(page);
      const state = async (shown) => ({ search: search(shown), model: await shown.getByLabel('Model').inputValue() });
      const requests = async (shown) => (await shown.locator('.tile', { hasText: 'Hit rate' }).locator('.note').innerText());
      const back = await state(page);
      await page.goForward();
      await page.waitForURL(/model=/);
      await ready(page);
      const forward = { ...await state(page), requests: await requests(page) };
      const copy = await browser.open({ path: `overview${forward.search}` });
      await ready(copy);
      const shared = await requests(copy);
      await copy.context().close();
      await page.goBack();
      await ready(page);
      await page.getByRole('button', { name: 'Custom' }).click();
      await page.getByLabel('From').fill('2026-01-02T03:04');
      await page.getByLabel('To', { exact: true }).fill('2026-01-03T03:04');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.waitForURL(/from=2026-01-02/);
      await ready(page);
      const custom = { search: search(page), text: await page.locator('main').innerText() };
      await page.context().close();
      return { chosen, reloaded, other, cache, back, forward, shared, custom };
    },

    async live() {
      await traffic();
      const page = await browser.open({ path: 'live' });
      await page.getByText('Connected.').waitFor();
      const rows = page.locator('main tbody tr');
      await ask(questions.japan[0]);
      await rows.first().waitFor();
      const first = await rows.first().innerText();
      await page.getByRole('button', { name: 'Pause' }).click();
      const before = await rows.count();
      await ask(questions.water[0]);
      await page.getByText('1 waiting').waitFor();
      const paused = await rows.count() - before;
      await page.getByRole('button', { name: 'Go on' }).click();
      const after = await rows.count() - before;
      await browser.picture(page, 'live-light');
      await page.getByRole('button', { name: 'Clear' }).click();
      const cleared = await rows.count();
      await page.context().close();
      return { first, paused, after, cleared };
    },

    async tenantsEntries() {
      await traffic();
      const page = await browser.open({ path: 'cache' });
      await ready(page);
      await page.getByLabel('Tenant').fill('search');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.waitForURL(/tenant=search/);
      await ready(page);
      const column = async (name) => {
        const at = (await page.locator('main thead th').allInnerTexts()).findIndex((title) => title.startsWith(name));
        return await page.locator(`main tbody tr > :nth-child(${at + 1})`).allInnerTexts();
      };
      await page.reload();
      await ready(page);
      const result = { tenants: await column('Tenant'), questions: await column('Entry'), field: await page.getByLabel('Tenant').inputValue() };
      await page.context().close();
      return result;
    },

    async entry() {
      await traffic();
      const page = await browser.open({ path: 'cache' });
      await ready(page);
      await page.getByLabel('Tag', { exact: true }).fill('doc-42');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.waitForURL(/tag=doc-42/);
      await ready(page);
      const found = await page.locator('main tbody tr').count();
      await page.locator('main tbody button').first().click();
      await page.getByLabel('Tags, with commas between them').waitFor();
      const id = new URL(page.url()).searchParams.get('entry');
      const answer = await page.locator('pre.document').allTextContents();
      await page.getByLabel('Tags, with commas between them').fill('doc-43, reviewed');
      await page.getByRole('button', { name: 'Save tags' }).click();
      await page.getByText('Tags saved.').waitFor();
      const tags = (await api(baseURL, `entries/${id}`)).entry.tags;
      await browser.picture(page, 'cache-light');
      await page.getByRole('button', { name: 'Delete …' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      const kept = (await api(baseURL, `entries/${id}`)).entry?.id === id;
      await page.getByRole('button', { name: 'Delete …' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByText('Entry deleted.').waitFor();
      const gone = (await api(baseURL, `entries/${id}`)).error?.code;
      const closed = !new URL(page.url()).searchParams.has('entry');
      await page.context().close();
      return { found, answer, tags, kept, gone, closed };
    },

    async wrong() {
      // The hit on other words, and the answer that its audit brought: the entry of its own that is an exact hit since.
      const served = (await traffic()).findLast((answer) => answer.question === questions.password[1]).entry;
      const audited = (await ask(questions.password[1])).entry;
      const mark = async (entry) => {
        const page = await browser.open({ path: `cache?entry=${entry}` });
        await page.getByRole('button', { name: 'Mark as wrong …' }).click();
        const told = await page.getByRole('dialog').innerText();
        await page.getByRole('dialog').getByRole('button', { name: 'Mark as wrong' }).click();
        await page.locator('.toast').waitFor();
        const toast = await page.locator('.toast').textContent();
        await page.context().close();
        return { told, toast, gone: (await api(baseURL, `entries/${entry}`)).error?.code };
      };
      return { audited: await mark(audited), served: await mark(served) };
    },

    async threshold() {
      await traffic();
      const page = await browser.open({ path: 'thresholds?source=audits' });
      await ready(page);
      const slider = page.getByRole('slider');
      const before = (await api(baseURL, 'thresholds?source=audits')).now.threshold;
      await slider.focus();
      await page.keyboard.press('End');
      const said = await slider.getAttribute('aria-valuetext');
      const marked = Number(new URL(page.url()).searchParams.get('at'));
      const plot = await page.locator('.u-over').first().boundingBox();
      await page.mouse.move(plot.x + plot.width * 0.9, plot.y + 40);
      await page.mouse.down();
      await page.mouse.move(plot.x + plot.width * 0.2, plot.y + 40, { steps: 4 });
      await page.mouse.up();
      const dragged = Number(new URL(page.url()).searchParams.get('at'));
      await slider.focus();
      await page.keyboard.press(dragged === before ? 'End' : 'Home');
      const chosen = Number(new URL(page.url()).searchParams.get('at'));
      await page.getByRole('button', { name: /^Apply/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Apply' }).click();
      await page.getByText(/^.*Applied:/).waitFor();
      const toast = await page.locator('.toast').textContent();
      await page.context().close();
      return { before, said, marked, dragged, chosen, toast };
    },
  };
};
