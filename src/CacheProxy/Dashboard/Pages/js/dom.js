/** Elements are made here, never from HTML text: whatever a tenant, a tag or a model is called, it stays text. */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @param {string} name `div`, or with classes `div.card.wide`
 * @param {Record<string, any>} [attributes] `onclick` and the like are listeners; `true` sets an empty attribute, `false` and null none
 * @param {...(Child | Child[])} children text and nodes; null, undefined and false are left out
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length) {
    element.className = classes.join(' ');
  }

  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? '' : String(value));
    }
  }

  element.append(...nodes(children));
  return element;
}

/**
 * Puts new content in the place of the old.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
}

/**
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement}
 */
export function one(selector, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof HTMLElement)) {
    throw new Error(`There is no ${selector}.`);
  }

  return found;
}

let lastId = 0;

/** @returns {string} an id that no other element has, for labels and descriptions */
export const newId = () => `e${++lastId}`;

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  /** @type {(Node | string)[]} */
  const kept = [];
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) {
      kept.push(child instanceof Node ? child : String(child));
    }
  }

  return kept;
}
