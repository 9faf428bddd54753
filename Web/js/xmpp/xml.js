/**
 * A light XML element: plain data, so that everything built on it runs without a browser too.
 * @typedef {{ name: string, ns: string, attrs: Record<string, string>, children: (El | string)[] }} El
 */

/** @typedef {string | number | null | undefined} AttrValue */
/** @typedef {El | string | null | undefined | false} Child */

/**
 * Builds an element; attributes without a value and children that are null are left out.
 * @param {string} ns
 * @param {string} name
 * @param {Record<string, AttrValue>} [attrs]
 * @param {(Child | Child[])[]} children
 * @returns {El}
 */
export function el(ns, name, attrs = {}, ...children) {
  /** @type {Record<string, string>} */
  const kept = {};
  for (const [key, value] of Object.entries(attrs)) {
    if (value !== null && value !== undefined) kept[key] = String(value);
  }
  return { name, ns, attrs: kept, children: children.flat().filter(isChild) };
}

/**
 * @param {Child} c
 * @returns {c is El | string}
 */
function isChild(c) {
  return c !== null && c !== undefined && c !== false;
}

/**
 * The child elements, of a name and namespace where given.
 * @param {El | null | undefined} parent
 * @param {string} [name]
 * @param {string} [ns] the parent's own unless told otherwise
 * @returns {El[]}
 */
export function children(parent, name, ns = parent?.ns) {
  /** @type {El[]} */
  const found = [];
  for (const c of parent?.children ?? []) {
    if (typeof c !== 'string' && (name === undefined || (c.name === name && c.ns === ns))) found.push(c);
  }
  return found;
}

/**
 * The first child element of a name.
 * @param {El | null | undefined} parent
 * @param {string} name
 * @param {string} [ns]
 * @returns {El | undefined}
 */
export function child(parent, name, ns = parent?.ns) {
  return children(parent, name, ns)[0];
}

/**
 * The text directly inside an element.
 * @param {El | null | undefined} e
 */
export function text(e) {
  return (e?.children ?? []).filter((c) => typeof c === 'string').join('');
}

// Everything that XML 1.0 cannot carry (section 2.2), lone surrogates included.
// eslint-disable-next-line no-control-regex
const UNSENDABLE = /[^\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** @param {string} s */
function escape(s) {
  return s.replace(UNSENDABLE, '\ufffd').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** @param {string} s */
function escapeAttribute(s) {
  return escape(s).replace(/"/g, '&quot;').replace(/\t/g, '&#9;').replace(/\n/g, '&#10;').replace(/\r/g, '&#13;');
}

/**
 * Writes an element.
 * @param {El} e
 * @param {string} [inherited] the default namespace around it
 * @returns {string}
 */
export function write(e, inherited = '') {
  let out = '<' + e.name;
  if (e.ns !== inherited) out += ` xmlns="${escapeAttribute(e.ns)}"`;
  for (const [key, value] of Object.entries(e.attrs)) out += ` ${key}="${escapeAttribute(value)}"`;
  if (e.children.length === 0) return out + '/>';
  out += '>';
  for (const c of e.children) out += typeof c === 'string' ? escape(c) : write(c, e.ns);
  return `${out}</${e.name}>`;
}

const MAX_DEPTH = 64;

/**
 * Reads a document with the browser's parser; null if it is none.
 * @param {string} xml
 * @returns {El | null}
 */
export function parse(xml) {
  const doc = new DOMParser().parseFromString(xml, 'text/xml');
  const root = doc.documentElement;
  return !root || doc.getElementsByTagName('parsererror').length > 0 ? null : fromDom(root, 0);
}

/**
 * @param {Element} node
 * @param {number} depth
 * @returns {El | null}
 */
function fromDom(node, depth) {
  if (depth > MAX_DEPTH) return null;
  /** @type {El} */
  const e = { name: node.localName, ns: node.namespaceURI ?? '', attrs: {}, children: [] };
  for (const a of node.attributes) {
    if (a.name !== 'xmlns' && a.prefix !== 'xmlns') e.attrs[a.name] = a.value;
  }
  for (const c of node.childNodes) {
    if (c instanceof Element) {
      const inner = fromDom(c, depth + 1);
      if (inner) e.children.push(inner);
    } else if (c instanceof Text) {
      e.children.push(c.data);
    }
  }
  return e;
}
