/** @typedef {{ x: number, y: number, width: number, height: number }} Rect */

const NARROWEST = 0.75;
const WIDEST = 16 / 9;
const LIKED = 1.5;

/**
 * Lays equal tiles out in an area: the grid in which they are largest without cutting faces off.
 * @param {number} width
 * @param {number} height
 * @param {number} count
 * @param {number} gap
 * @returns {Rect[]}
 */
export function grid(width, height, count, gap) {
  let best = { score: -1, columns: 1, w: 0, h: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    let w = (width - gap * (columns - 1)) / columns;
    let h = (height - gap * (rows - 1)) / rows;
    if (w <= 0 || h <= 0) continue;
    if (w / h > WIDEST) w = h * WIDEST;
    else if (w / h < NARROWEST) h = w / NARROWEST;
    const score = w * h * (1 - 0.35 * Math.abs(Math.log(w / h / LIKED)));
    if (score > best.score) best = { score, columns, w, h };
  }
  return place(width, height, count, gap, best);
}

/**
 * @param {number} width
 * @param {number} height
 * @param {number} count
 * @param {number} gap
 * @param {{ columns: number, w: number, h: number }} cell
 * @returns {Rect[]}
 */
function place(width, height, count, gap, { columns, w, h }) {
  const rows = Math.ceil(count / columns);
  const top = (height - rows * h - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (width - inRow * w - (inRow - 1) * gap) / 2;
    return { x: left + (i % columns) * (w + gap), y: top + row * (h + gap), width: w, height: h };
  });
}

/**
 * Gives the first tile the large place and the others a strip beside or below it.
 * @param {number} width
 * @param {number} height
 * @param {number} count
 * @param {number} gap
 * @returns {Rect[]}
 */
export function stage(width, height, count, gap) {
  if (count <= 1) return [{ x: 0, y: 0, width, height }];
  const others = count - 1;
  if (width >= height) {
    const strip = Math.min(Math.max(140, width * (others > 5 ? 0.26 : 0.19)), 340);
    const large = { x: 0, y: 0, width: width - strip - gap, height };
    return [large, ...grid(strip, height, others, gap).map((r) => ({ ...r, x: r.x + large.width + gap }))];
  }
  const strip = Math.min(Math.max(96, height * (others > 4 ? 0.36 : 0.24)), 320);
  const large = { x: 0, y: 0, width, height: height - strip - gap };
  return [large, ...grid(width, strip, others, gap).map((r) => ({ ...r, y: r.y + large.height + gap }))];
}
