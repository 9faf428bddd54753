// Serves Web/ as the Meet plugin does, for looking at the page without a server. Development only.
import { createServer } from 'node:http';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../../../Web/', import.meta.url));
const HARNESS = fileURLToPath(new URL('./', import.meta.url));
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };

/** @param {Record<string, unknown>} [config] */
export async function serve(config = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    try {
      const [root, path] = pathname.startsWith('/harness/') ? [HARNESS, pathname.slice(9)] : pathname.startsWith('/meet/-/') ? [WEB, pathname.slice(8)] : [WEB, pathname === '/meet/' ? 'landing.html' : 'room.html'];
      let body = await readFile(join(root, normalize(path)), 'utf8');
      let inline = '';
      if (path.endsWith('.html')) {
        const guard = await readFile(join(WEB, 'js/guard.js'), 'utf8');
        inline = ` 'sha256-${createHash('sha256').update(guard).digest('base64')}'`;
        body = body.replace('{{guard}}', () => guard);
      }
      if (path === 'room.html') {
        const all = { domain: 'localhost', guestDomain: 'guest.localhost', callsDomain: 'calls.localhost', room: pathname.slice(6), websocket: '/xmpp-websocket', autoJoin: true, httpsPort: 5281, iceTransportPolicy: null, ...config };
        body = body.replace('{{config}}', JSON.stringify(all));
        response.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self'${inline}; style-src 'self'; connect-src 'self' ws://localhost:*; media-src 'self' blob:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
      }
      response.setHeader('Content-Type', (TYPES[extname(path)] ?? 'text/plain') + '; charset=utf-8');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { origin: `http://localhost:${port}`, close: () => server.close() };
}
