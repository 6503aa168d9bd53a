/** Start here: the session, then the page that the address names. */
import './theme.js';
import { onSignedOut } from './api.js';
import { fill, one } from './dom.js';
import { followLinks, go, onAddress, pageName } from './location.js';
import { announce } from './parts/notify.js';
import { failure } from './parts/states.js';
import { readSession } from './session.js';
import { listenForKeys } from './shell/keys.js';
import { PAGES, pageOf } from './shell/pages.js';
import { drawHeader, drawNav } from './shell/frame.js';
import { autoRefresh, drawToolbar } from './shell/toolbar.js';
import { drawSignIn } from './shell/sign-in.js';

/** @typedef {import('./shell/pages.js').PageModule} PageModule */

/** @type {import('./session.js').Session | null} */
let session = null;

/** The page that is shown, how it loads its figures, and what ends it. */
let shown = { name: '', load: () => {}, leave: new AbortController() };

async function start() {
  try {
    session = await readSession();
  } catch (error) {
    fill(one('#main'), failure('the dashboard', error, start));
    return;
  }

  await showPage();
}

function showSignIn() {
  if (session) {
    shown.leave.abort();
    shown = { name: '', load: () => {}, leave: new AbortController() };
    document.body.classList.add('signed-out');
    drawHeader(null, start);
    drawSignIn(one('#main'), session, (signedIn) => {
      session = signedIn;
      showPage();
    });
  }
}

async function showPage() {
  if (!session?.role) {
    showSignIn();
    return;
  }

  document.body.classList.remove('signed-out');
  const page = pageOf(pageName());
  if (!page) {
    go(`/dashboard/${PAGES[0].name}`, true);
    return;
  }

  drawHeader(session, start);
  drawNav(page.name);
  if (page.name === shown.name) {
    drawToolbar(page);
    shown.load();
    return;
  }

  shown.leave.abort();
  const leave = new AbortController();
  shown = { name: page.name, load: () => {}, leave };
  document.title = `${page.title} · CacheProxy`;
  /** @type {PageModule} */
  let module;
  try {
    module = await page.module();
  } catch (error) {
    fill(one('#main'), failure(`the page ${page.title}`, error, () => window.location.reload()));
    return;
  }

  if (leave.signal.aborted) {
    return;
  }

  const main = one('#main');
  const [head, body] = page.frame(main);
  drawToolbar(page, head);
  shown.load = module.draw(body, { session, leave: leave.signal });
  shown.load();
  announce(page.title);
}

onAddress(showPage);
onSignedOut(async () => {
  if (session?.role) {
    session = await readSession();
    if (!session.role) {
      showSignIn();
    }
  }
});
followLinks();
listenForKeys(() => shown.load());
autoRefresh(() => shown.load());
start();
