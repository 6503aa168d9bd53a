/** Keyboard shortcuts, and the dialog that lists them. */
import { h, one } from '../dom.js';
import { addressOf, go } from '../location.js';
import { openDialog } from '../parts/dialog.js';
import { PAGES } from './pages.js';

const TWO_KEYS_WITHIN_MS = 1500;

/** @param {() => void} refresh */
export function listenForKeys(refresh) {
  let goUntil = 0;
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) {
      return;
    }

    const page = event.timeStamp < goUntil ? PAGES.find((candidate) => candidate.key === event.key) : undefined;
    goUntil = event.key === 'g' ? event.timeStamp + TWO_KEYS_WITHIN_MS : 0;
    const act = page ? () => go(addressOf(page.name)) : { '?': openHelp, r: refresh, d: switchTheme, '/': focusSearch }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
}

export function openHelp() {
  const lines = [
    ...PAGES.map((page) => [[`g`, page.key], page.title]),
    [['/'], 'To the first field of the page'],
    [['r'], 'Load the figures again'],
    [['d'], 'Light, dark, or as the system is'],
    [['←', '→', 'Home', 'End'], 'In a chart: from point to point'],
    [['↑', '↓', 'Home', 'End'], 'In a table: from row to row'],
    [['Esc'], 'Close a dialog'],
  ];
  /** @type {HTMLElement} */
  const close = h('button.button.strong', { type: 'button', onclick: () => dialog.close() }, 'Close');
  const dialog = openDialog('Keys', [h('dl.pairs', {}, lines.flatMap(([keys, what]) => [
    h('dt', {}, [...keys].flatMap((key) => [h('kbd', {}, key), ' '])), h('dd', {}, String(what)),
  ]))], [close]);
  close.focus();
}

const switchTheme = () => one('#theme').click();

const focusSearch = () => {
  const field = one('#main').querySelector('input, select');
  if (field instanceof HTMLElement) {
    field.focus();
  }
};

/** @param {EventTarget | null} target */
const isTyping = (target) => target instanceof HTMLElement && (['INPUT', 'SELECT', 'TEXTAREA'].includes(target.tagName) || target.isContentEditable);
