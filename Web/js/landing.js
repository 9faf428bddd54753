import { byId } from './ui/dom.js';

const FIRST = ['amber', 'brisk', 'calm', 'clear', 'early', 'fern', 'gentle', 'golden', 'green', 'happy', 'honest', 'keen', 'lively', 'lucky', 'merry', 'misty', 'noble', 'quiet', 'rapid', 'sunny', 'swift', 'velvet', 'warm', 'wild'];
const SECOND = ['acorn', 'badger', 'beacon', 'birch', 'brook', 'cedar', 'comet', 'falcon', 'finch', 'harbor', 'heron', 'island', 'lantern', 'maple', 'meadow', 'otter', 'pebble', 'raven', 'river', 'robin', 'sparrow', 'thistle', 'tulip', 'willow'];

/** @param {string[]} words */
function pick(words) {
  const [n = 0] = crypto.getRandomValues(new Uint32Array(1));
  return words[n % words.length] ?? '';
}

/** A name that is easy to say over the telephone and hard to guess. */
function randomRoom() {
  const [n = 0] = crypto.getRandomValues(new Uint16Array(1));
  return `${pick(FIRST)}-${pick(SECOND)}-${pick(SECOND)}-${100 + (n % 900)}`;
}

const room = byId('room', HTMLInputElement);
const notice = byId('landing-notice', HTMLElement);
room.value = randomRoom();
room.select();

byId('another', HTMLButtonElement).addEventListener('click', () => {
  room.value = randomRoom();
  room.focus();
});

byId('landing-form', HTMLFormElement).addEventListener('submit', (e) => {
  e.preventDefault();
  const name = room.value.trim().toLowerCase().replace(/\s+/g, '-');
  // What an address's first part may not hold (RFC 7622 section 3.3.1), and what a path would break at.
  if (!name || /["&'/:<>@?#%\\]/.test(name) || /^\.+$|^-$/.test(name)) {
    notice.textContent = 'Letters, digits and dashes make a good name.';
    notice.hidden = false;
    return;
  }
  location.assign(`/meet/${encodeURIComponent(name)}`);
});
