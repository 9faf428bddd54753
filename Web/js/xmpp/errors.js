import { NS } from './ns.js';
import { child, children, el, text } from './xml.js';

/** @typedef {import('./xml.js').El} El */

/** A refusal, or a failure to reach anybody. */
export class XmppError extends Error {
  /**
   * @param {string} condition RFC 6120's name of it, or one of ours: `timeout`, `disconnected`, `not-authorized`
   * @param {string} [detail]
   * @param {string} [application] an application's own condition
   */
  constructor(condition, detail = '', application = '') {
    super(detail ? `${condition}: ${detail}` : condition);
    this.name = 'XmppError';
    this.condition = condition;
    this.detail = detail;
    this.application = application;
  }
}

/**
 * Reads the error of a stanza.
 * @param {El} stanza
 */
export function stanzaError(stanza) {
  const error = child(stanza, 'error', NS.client);
  const inner = children(error);
  const condition = inner.find((c) => c.ns === NS.stanzaErrors && c.name !== 'text');
  const application = inner.find((c) => c.ns !== NS.stanzaErrors);
  return new XmppError(condition?.name ?? 'undefined-condition', text(child(error, 'text', NS.stanzaErrors)), application?.name ?? '');
}

/**
 * Builds the error child of a refusal.
 * @param {string} type
 * @param {string} condition
 * @param {El} [application]
 */
export function errorElement(type, condition, application) {
  return el(NS.client, 'error', { type }, el(NS.stanzaErrors, condition), application);
}
