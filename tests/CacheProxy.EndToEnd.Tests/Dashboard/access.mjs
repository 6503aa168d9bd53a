// Signing in and out, and what the read-only role does not see.
import { ready } from './browser.mjs';
import { adminKey, readerKey } from './keys.mjs';
import { api, client } from './traffic.mjs';

const role = (page) => page.locator('.role').textContent();

export default ({ baseURL, browser, traffic }) => ({
  async signIn() {
    await traffic();
    browser.expect('401');
    const page = await browser.open({ key: null, path: 'prompts?range=7d' });
    await page.getByLabel('Admin key or read-only key').fill('not the key');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const refused = await page.getByRole('alert').filter({ hasText: /./ }).textContent();
    const figuresBefore = await page.locator('main table').count();
    await page.getByLabel('Admin key or read-only key').fill(adminKey);
    await page.keyboard.press('Enter');
    await ready(page);
    const signedIn = { role: await role(page), address: new URL(page.url()).pathname + new URL(page.url()).search, title: await page.title() };
    await page.reload();
    await ready(page);
    const reloaded = await role(page);
    const cookie = (await page.context().cookies()).map(({ httpOnly, sameSite, path }) => ({ httpOnly, sameSite, path }));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Admin key or read-only key').waitFor();
    const after = await page.context().request.get(`${baseURL}/dashboard/api/summary`);
    await page.context().close();
    return { refused, figuresBefore, signedIn, reloaded, cookie, signedOut: after.status() };
  },

  async expiredSession() {
    await traffic();
    browser.expect('401');
    const page = await browser.open({ path: 'overview' });
    await ready(page);
    await page.context().clearCookies();
    await page.getByRole('button', { name: '7 d' }).click();
    await page.getByLabel('Admin key or read-only key').waitFor();
    await page.context().close();
    return true;
  },

  async reader() {
    await traffic();
    const ask = client(baseURL);
    const { entry } = await ask('What is the capital of Japan?');
    const page = await browser.open({ key: readerKey, path: `cache?entry=${entry}` });
    await ready(page);
    await page.getByRole('heading', { name: /^Entry / }).waitFor();
    const opened = { role: await role(page), text: await page.locator('main').innerText(), writes: await page.getByRole('button', { name: /Delete|wrong|Save tags/ }).count() };
    await page.goto(`${baseURL}/dashboard/prompts`);
    await ready(page);
    const prompts = await page.locator('main').innerText();
    await page.goto(`${baseURL}/dashboard/thresholds?source=audits`);
    await ready(page);
    const applies = await page.getByRole('button', { name: /Apply|Serve again/ }).count();
    const refused = await page.context().request.delete(`${baseURL}/dashboard/api/entries/${entry}`);
    await page.context().close();
    return { opened, prompts, applies, refused: refused.status(), still: (await api(baseURL, `entries/${entry}`)).entry?.id === entry };
  },
});
