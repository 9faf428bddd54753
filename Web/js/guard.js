// Stands inside the page itself, so that it is there whatever else is not. A module or a style that does not arrive, because the network changed while it
// loaded, would leave a page that does nothing for ever: the page is asked for anew, a few times, and then says so.
(() => {
  const KEY = 'parley-loads';
  const MOST = 3;
  /** Older failures do not count, in milliseconds. */
  const MEMORY = 60_000;
  let isFailed = false;

  /** @returns {number[]} when loading failed before */
  function failures() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? '[]').filter((/** @type {unknown} */ t) => typeof t === 'number' && Date.now() - t < MEMORY);
    } catch {
      return [];
    }
  }

  function giveUp() {
    const show = () => document.getElementById('broken')?.removeAttribute('hidden');
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', show);
    else show();
  }

  addEventListener('error', (event) => {
    const { target } = event;
    const isPart = target instanceof HTMLScriptElement || (target instanceof HTMLLinkElement && target.rel === 'stylesheet');
    if (!isPart || isFailed) return;
    isFailed = true;
    const before = failures();
    if (before.length >= MOST) return giveUp();
    try {
      sessionStorage.setItem(KEY, JSON.stringify([...before, Date.now()]));
    } catch {
      // Without a memory it would reload for ever.
      return giveUp();
    }
    setTimeout(() => location.reload(), 400 * 2 ** before.length);
  }, true);
})();
