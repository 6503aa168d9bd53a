/** Asks for the admin key, or says where the dashboard can be seen without one. */
import { fill, h, newId } from '../dom.js';
import { signIn } from '../session.js';

/**
 * @param {HTMLElement} place
 * @param {import('../session.js').Session} session
 * @param {(session: import('../session.js').Session) => void} done
 */
export function drawSignIn(place, session, done) {
  document.title = 'Sign in · CacheProxy';
  if (!session.needs_key) {
    fill(place, h('section.card', {}, h('h1', {}, 'Not from here'),
      h('p', {}, 'Without ', h('code', {}, 'Admin:Key'), ' the dashboard answers on the proxy’s own machine only, under the name localhost or 127.0.0.1.'),
      h('p', {}, 'Set ', h('code', {}, 'Admin:Key'), ' (and ', h('code', {}, 'Admin:ReadOnlyKey'), ' for people who only look) to sign in from elsewhere.')));
    return;
  }

  const [id, problemId] = [newId(), newId()];
  const problem = h('p.problem', { role: 'alert', id: problemId });
  const input = /** @type {HTMLInputElement} */ (h('input', { id, name: 'key', type: 'password', autocomplete: 'current-password', required: true, 'aria-describedby': problemId }));
  const button = /** @type {HTMLButtonElement} */ (h('button.button.strong', { type: 'submit' }, 'Sign in'));
  const form = h('form.form.upright', {
    onsubmit: async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      button.disabled = true;
      problem.textContent = '';
      try {
        done(await signIn(input.value));
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error);
        button.disabled = false;
        input.select();
      }
    },
  }, h('div.field', {}, h('label', { for: id }, 'Admin key or read-only key'), input), problem, h('div', {}, button));
  fill(place, h('section.card', {}, h('h1', {}, 'Sign in'), form));
  input.focus();
}
