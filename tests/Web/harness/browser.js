// Drives Chromium with the call page and a stand-in focus.
import { chromium } from 'playwright-core';
import { serve } from './serve.js';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'];

/** @param {{ args?: string[], config?: Record<string, unknown> }} [options] */
export async function launch({ args = [], config } = {}) {
  const server = await serve(config);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: [...ARGS, ...args] });
  const home = await browser.newContext();
  const focus = await home.newPage();
  const sockets = new Map();
  let ids = 0;
  let isClosing = false;
  focus.on('console', (m) => console.log('[focus]', m.text()));
  focus.on('pageerror', (e) => console.log('[focus]', e.message));
  await focus.exposeFunction('toPage', (id, xml) => sockets.get(id)?.send(xml));
  await focus.goto(`${server.origin}/harness/focus.html`);
  await focus.waitForFunction(() => window.focus_);

  /** Opens the call page in a context of its own. */
  async function open(path, { viewport = { width: 1280, height: 800 }, context, ...options } = {}) {
    context ??= await browser.newContext({ viewport, ...options });
    const page = await context.newPage();
    const log = [];
    page.on('console', (m) => log.push(m.text()));
    page.on('pageerror', (e) => log.push('ERROR ' + e.message));
    let isAway = false;
    await page.routeWebSocket('**/xmpp-websocket', (ws) => {
      if (isAway) return void ws.close();
      const id = ++ids;
      sockets.set(id, ws);
      page.sockets = [...(page.sockets ?? []), ws];
      ws.onMessage((xml) => focus.evaluate(([i, x]) => window.focus_.take(i, x), [id, xml]).catch((e) => {
        // A page's goodbye may come when the room is closed already.
        if (!isClosing) throw e;
      }));
    });
    page.away = (away) => {
      isAway = away;
      if (away) for (const ws of page.sockets ?? []) ws.close();
      page.sockets = [];
    };
    page.log = log;
    await page.goto(server.origin + path);
    return page;
  }

  return { browser, focus, open, origin: server.origin, close: async () => { isClosing = true; await browser.close(); server.close(); } };
}
