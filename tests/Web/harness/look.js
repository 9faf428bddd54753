// Takes pictures of the page with 1, 3, 7 and 12 people, wide and narrow: node harness/look.js [folder]
import { mkdir } from 'node:fs/promises';
import { launch } from './browser.js';

const folder = process.argv[2] ?? 'shots';
await mkdir(folder, { recursive: true });
const NAMES = ['Bob', 'Eve Lindqvist', 'Mallory', 'Trent', 'Peggy', 'Victor', 'Walter', 'Olivia', 'Sybil', 'Grace', 'Ivan'];
const lab = await launch();
const wide = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const preview = await lab.open('/meet/room?name=Ann', { viewport: wide });
await preview.waitForTimeout(1200);
await preview.screenshot({ path: `${folder}/preview-wide.png` });
await preview.setViewportSize(phone);
await preview.screenshot({ path: `${folder}/preview-phone.png` });
await preview.goto(`${lab.origin}/meet/`);
await preview.setViewportSize(wide);
await preview.waitForTimeout(300);
await preview.screenshot({ path: `${folder}/landing.png` });
await preview.close();

const page = await lab.open('/meet/room?name=Ann&join=now', { viewport: wide });
await page.waitForFunction(() => document.body.dataset.state === 'connected');
let shown = 1;
for (const count of [1, 3, 7, 12]) {
  for (; shown < count; shown++) await lab.focus.evaluate(([n, i]) => window.focus_.guest(n, { loud: i === 1, mic: i % 3 !== 2, video: i % 4 !== 3 }), [NAMES[shown - 1], shown]);
  await page.waitForFunction((n) => document.querySelectorAll('[data-participant]').length === n, count);
  await page.waitForTimeout(3000);
  for (const [name, size] of [['wide', wide], ['phone', phone]]) {
    await page.setViewportSize(size);
    await page.waitForTimeout(600);
    await page.screenshot({ path: `${folder}/call-${count}-${name}.png` });
  }
  await page.setViewportSize(wide);
}
const speaker = await lab.focus.evaluate(() => window.focus_.guest('Priya', { slides: true }));
await page.waitForTimeout(3000);
await lab.focus.evaluate((id) => { window.focus_.say(id, 'Can everybody see my slides?'); window.focus_.say(id, 'The plan is at https://example.org/plan, have a look.'); }, speaker);
await page.waitForTimeout(500);
await page.screenshot({ path: `${folder}/slides-wide.png` });
await page.keyboard.press('c');
await page.keyboard.type('Yes, very clear!');
await page.keyboard.press('Enter');
await page.waitForTimeout(500);
await page.screenshot({ path: `${folder}/chat-wide.png` });
await page.setViewportSize(phone);
await page.waitForTimeout(500);
await page.screenshot({ path: `${folder}/chat-phone.png` });
await page.keyboard.press('Escape');
await page.waitForTimeout(500);
await page.screenshot({ path: `${folder}/slides-phone.png` });
await page.setViewportSize(wide);
await page.click('[data-action=settings]');
await page.waitForTimeout(300);
await page.screenshot({ path: `${folder}/settings.png` });
await page.keyboard.press('Escape');
page.away(true);
await page.waitForTimeout(2500);
await page.screenshot({ path: `${folder}/reconnecting.png` });
page.away(false);
await page.waitForFunction(() => document.body.dataset.state === 'connected', null, { timeout: 30000 });
await page.click('[data-action=hangup]');
await page.waitForTimeout(400);
await page.screenshot({ path: `${folder}/end.png` });
console.log(page.log.join('\n'));
await lab.close();
