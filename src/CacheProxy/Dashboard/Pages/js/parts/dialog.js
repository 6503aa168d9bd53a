/** Modal dialogs: the browser's own element, which keeps the focus inside, closes on Escape and gives the focus back. */
import { h, newId } from '../dom.js';

/**
 * @param {string} title
 * @param {import('../dom.js').Child[]} content
 * @param {HTMLElement[]} actions
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, content, actions) {
  const id = newId();
  const dialog = /** @type {HTMLDialogElement} */ (h('dialog', { 'aria-labelledby': id },
    h('h2', { id }, title), ...content, h('div.actions', {}, ...actions)));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be taken back, or costs.
 * @param {string} title
 * @param {import('../dom.js').Child[]} content what will happen
 * @param {string} action the button's verb
 * @param {() => Promise<unknown>} act its failure is shown in the dialog, which stays
 */
export function confirmThen(title, content, action, act) {
  const problem = h('p.problem', { role: 'alert' });
  const cancel = h('button.button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
  const go = /** @type {HTMLButtonElement} */ (h('button.button.strong', {
    type: 'button',
    onclick: async () => {
      go.disabled = true;
      try {
        await act();
        dialog.close();
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
        go.disabled = false;
      }
    },
  }, action));
  const dialog = openDialog(title, [...content, problem], [cancel, go]);
  cancel.focus();
}
