import { randomId } from '../xmpp/id.js';

/** How long a reloaded page waits for its former self to let go of the token. */
const RELOAD_PATIENCE = 400;

/**
 * The secret by which this tab, and no other, is the same participant after a reload or a lost connection. It lives in sessionStorage and is held under a
 * Web Lock: a duplicated tab gets a copy of the storage but cannot get the lock, and so makes a token of its own.
 * @param {string} room
 * @returns {Promise<string>}
 */
export async function holdToken(room) {
  const key = `parley-token:${room}`;
  const kept = sessionStorage.getItem(key);
  if (kept && (await hold(kept))) return kept;
  const made = randomId();
  sessionStorage.setItem(key, made);
  await hold(made);
  return made;
}

/**
 * Takes the lock for the life of the page.
 * @param {string} token
 * @returns {Promise<boolean>} whether we have it
 */
function hold(token) {
  if (!navigator.locks) return Promise.resolve(false);
  return new Promise((resolve) => {
    navigator.locks
      .request(`parley-token:${token}`, { signal: AbortSignal.timeout(RELOAD_PATIENCE) }, () => {
        resolve(true);
        return new Promise(() => {}); // held until the page goes
      })
      .catch(() => resolve(false)); // somebody else has it
  });
}
