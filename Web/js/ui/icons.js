const SVG = 'http://www.w3.org/2000/svg';

/** Line icons on a grid of 24, drawn for this page. @type {Record<string, string>} */
const PATHS = {
  mic: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6',
  'mic-off': 'M4 4l16 16M9 9v2a3 3 0 0 0 4.6 2.5M15 10V6a3 3 0 0 0-5.7-1.3M6 11a6 6 0 0 0 9.5 4.9M18 11a6 6 0 0 1-.6 2.6M12 17v4M9 21h6',
  camera: 'M4 7h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2zM15 11l6-3.5v9L15 13',
  'camera-off': 'M3 3l18 18M10 7h3a2 2 0 0 1 2 2v3M15 11l6-3.5v9l-3-1.8M15 15a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2h2',
  screen: 'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 20h6M12 16v4M12 13V8M9.5 10.5L12 8l2.5 2.5',
  chat: 'M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 10h8M8 13h5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7L11.8 6.500M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.200-1.200',
  settings: 'M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3M15 5v4M9 10v4M15 15v4',
  call: 'M6 3.500h3l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500v3c0 1-.8 2-2 2C10.500 18.500 4 12 4 5.500c0-1.200.9-2 2-2zM16 4v6M13 7h6',
  hangup: 'M3 14.500c0-5 4-7 9-7s9 2 9 7c0 1-.8 1.500-1.700 1.300l-2.600-.6c-.8-.2-1.200-.7-1.200-1.500v-1.600c-2.200-.8-4.800-.8-7 0v1.600c0 .8-.4 1.300-1.200 1.500l-2.600.6C3.800 16 3 15.500 3 14.500z',
  send: 'M4 12l16-8-6 16-3-6.500L4 12zM11 13.500L20 4',
  close: 'M6 6l12 12M18 6L6 18',
  pin: 'M9 3h6l-1 6 3 3v2H7v-2l3-3-1-6zM12 14v7',
  sound: 'M4 9h4l5-4v14l-5-4H4zM16 9a4 4 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11',
  hand: 'M7 12.500V6.700a1.500 1.500 0 0 1 3 0V11M10 10.500V4.800a1.500 1.500 0 0 1 3 0V11M13 10.500V5.800a1.500 1.500 0 0 1 3 0V12M16 11.500V8.800a1.500 1.500 0 0 1 3 0V14c0 4-2.600 7-6.500 7-2.800 0-4.600-1.300-6-3.600L4 13.900a1.600 1.600 0 0 1 2.600-1.800l1.900 2.300',
  moderator: 'M12 3l7 2.500v5.500c0 4.500-2.900 8-7 10-4.100-2-7-5.500-7-10V5.500zM9 11.700l2.200 2.200L15.200 9.900',
  lock: 'M6.500 11h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8.500 11V8a3.500 3.500 0 0 1 7 0v3',
  more: 'M5.500 12h.01M12 12h.01M18.500 12h.01',
  record: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  people: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c0-3.600 2.900-6 6.500-6s6.500 2.400 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2.100.9 3.500 2.900 3.500 5.500',
};

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name] ?? '');
  svg.append(path);
  return svg;
}

/**
 * Shows an icon at the front of an element, in place of the one before.
 * @param {HTMLElement} e
 * @param {string} name
 */
export function setIcon(e, name) {
  if (e.dataset.shown === name) return;
  e.dataset.shown = name;
  e.querySelector(':scope > svg.icon')?.remove();
  e.prepend(icon(name));
}

/** Draws all icons that the markup asks for. */
export function drawIcons() {
  for (const e of document.querySelectorAll('[data-icon]')) {
    if (e instanceof HTMLElement) setIcon(e, e.dataset.icon ?? '');
  }
}
