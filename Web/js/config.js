/**
 * What the server says about itself on this page.
 * @typedef {object} Config
 * @property {string} domain
 * @property {string | null} guestDomain null while guests are not let in
 * @property {string} callsDomain
 * @property {string} room the room's name as the server writes it
 * @property {string} websocket
 * @property {boolean} autoJoin whether `join=now` counts on this request
 * @property {number | null} httpsPort
 * @property {'relay' | null} iceTransportPolicy
 */

/** @returns {Config} */
export function readConfig() {
  return JSON.parse(document.getElementById('parley-config')?.textContent ?? '{}');
}
