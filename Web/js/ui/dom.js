/**
 * The element of an id, of the kind that the page's markup gives it.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const e = document.getElementById(id);
  if (!(e instanceof kind)) throw new Error(`the page lacks #${id}`);
  return e;
}

/**
 * Builds an element. Attributes that are null or false are left out, true is an empty one.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined>} [attrs]
 * @param {(Node | string | null)[]} content
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attrs = {}, ...content) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : String(value));
  }
  e.append(...content.filter((c) => c !== null));
  return e;
}

/**
 * Fills a select with choices, keeping what is chosen.
 * @param {HTMLSelectElement} select
 * @param {{ id: string, label: string }[]} choices
 * @param {string} chosen
 * @param {string} none what it says when there is nothing to choose
 */
export function fillSelect(select, choices, chosen, none) {
  select.replaceChildren(...choices.map((c) => make('option', { value: c.id, selected: c.id === chosen }, c.label)));
  if (choices.length === 0) select.append(make('option', { value: '' }, none));
  select.disabled = choices.length === 0;
}

/**
 * Whether a person is typing or choosing, so that letters are no commands.
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
