/** Header and navigation. */
import { fill, h, one } from '../dom.js';
import { addressOf } from '../location.js';
import { notify } from '../parts/notify.js';
import { signOut } from '../session.js';
import { nextTheme, theme } from '../theme.js';
import { openHelp } from './keys.js';
import { PAGES } from './pages.js';

/**
 * @param {import('../session.js').Session | null} session
 * @param {() => void} restart after signing out
 */
export function drawHeader(session, restart) {
  const themeButton = h('button.button.small', {
    type: 'button',
    id: 'theme',
    onclick: () => {
      nextTheme();
      themeButton.textContent = `Theme: ${theme()}`;
    },
  }, `Theme: ${theme()}`);
  fill(one('#header'),
    h('a.brand', { href: addressOf('overview') }, h('img', { src: '/dashboard/icon.svg', alt: '' }), 'CacheProxy'),
    session?.role && h('span.role', {}, session.role === 'reader' ? 'Read-only' : 'Administrator', session.by === 'loopback' && ' on this machine'),
    themeButton,
    session?.role && h('button.button.small', { type: 'button', id: 'help', 'aria-keyshortcuts': '?', onclick: openHelp }, 'Keys ', h('kbd', {}, '?')),
    session?.by === 'session' && h('button.button.small', { type: 'button', id: 'sign-out', onclick: () => leave(restart) }, 'Sign out'));
}

/** @param {string} current */
export function drawNav(current) {
  fill(one('#nav'), h('ul', {}, PAGES.map((page) => h('li', {},
    h('a.nav-link', { href: addressOf(page.name), 'aria-current': page.name === current ? 'page' : null }, page.title)))));
  one('#nav [aria-current]').scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** @param {() => void} restart */
async function leave(restart) {
  try {
    await signOut();
    restart();
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), 'failed');
  }
}
