import { make } from './dom.js';
import { icon, setIcon } from './icons.js';
import { hueOf, initials } from './texts.js';

/** @typedef {import('../call/call.js').Participant} Participant */

/** One person on the screen. */
export class Tile {
  #video = make('video', { autoplay: true, playsinline: true, disablepictureinpicture: true, 'aria-hidden': 'true' });
  #avatar = make('span', { class: 'avatar', 'aria-hidden': 'true' });
  #name = make('span', { class: 'tile-name' });
  #mute = make('span', { class: 'tile-mute', role: 'img', 'aria-label': 'microphone off' }, icon('mic-off'));
  #badge = make('span', { class: 'tile-badge', role: 'img', 'aria-label': 'moderator', title: 'Moderator' }, icon('moderator'));
  #handUp = make('span', { class: 'tile-hand', hidden: true }, icon('hand'), make('b'));
  #pin = make('button', { class: 'tile-pin', type: 'button', 'aria-pressed': 'false' });
  /** @type {MediaStreamTrack | null} */
  #track = null;
  element = make('article', { class: 'tile', role: 'listitem' });

  /**
   * @param {string} id
   * @param {(id: string) => void} pinned
   */
  constructor(id, pinned) {
    // Sound has elements of its own, so that it never depends on what is shown.
    this.#video.muted = true;
    this.element.dataset.participant = id;
    this.element.append(this.#video, this.#avatar, make('footer', { class: 'tile-tag' }, this.#mute, this.#name, this.#badge), this.#handUp, this.#pin);
    setIcon(this.#pin, 'pin');
    this.#pin.addEventListener('click', () => pinned(id));
    this.#video.addEventListener('playing', () => this.element.classList.add('has-picture'));
    this.#video.addEventListener('resize', () => this.element.classList.toggle('is-tall', this.#video.videoHeight > this.#video.videoWidth));
  }

  /**
   * @param {Participant} p
   * @param {MediaStreamTrack | null} track the picture to show; null for none
   * @param {boolean} isPinned
   */
  show(p, track, isPinned) {
    const { classList } = this.element;
    this.#setTrack(track);
    if (this.#name.textContent !== p.name) {
      this.#avatar.textContent = initials(p.name);
      this.element.style.setProperty('--hue', String(hueOf(p.name)));
    }
    this.#name.textContent = p.isSelf ? `${p.name} (you)` : p.name;
    this.#mute.hidden = !p.isMuted;
    this.#badge.hidden = !p.isModerator;
    this.#handUp.hidden = p.hand === null;
    const place = this.#handUp.querySelector('b');
    if (place) place.textContent = p.hand === null ? '' : String(p.hand);
    classList.toggle('is-self', p.isSelf && !p.isSlides);
    classList.toggle('is-slides', p.isSlides);
    this.element.setAttribute('aria-label', `${p.name}${p.isSelf ? ', you' : ''}${p.isModerator ? ', moderator' : ''}${p.isMuted ? ', microphone off' : ''}${p.hand === null ? '' : `, hand raised, number ${p.hand}`}${track ? '' : ', no picture'}${p.isSlides ? ', sharing a screen' : ''}`);
    this.#pin.setAttribute('aria-pressed', String(isPinned));
    this.#pin.setAttribute('aria-label', isPinned ? `Show ${p.name} like the others` : `Show ${p.name} large`);
    this.#pin.title = isPinned ? 'Show like the others' : 'Show large';
  }

  /** @param {boolean} isSpeaking */
  setSpeaking(isSpeaking) {
    this.element.classList.toggle('is-speaking', isSpeaking);
  }

  /** @param {import('./layout.js').Rect} r */
  place(r) {
    const { style } = this.element;
    style.transform = `translate(${Math.round(r.x)}px, ${Math.round(r.y)}px)`;
    style.width = `${Math.floor(r.width)}px`;
    style.height = `${Math.floor(r.height)}px`;
    this.element.classList.toggle('is-small', r.width < 200 || r.height < 130);
  }

  remove() {
    this.#video.srcObject = null;
    this.element.remove();
  }

  /** @param {MediaStreamTrack | null} track */
  #setTrack(track) {
    if (track === this.#track) return;
    this.#track = track;
    this.element.classList.remove('has-picture');
    this.#video.srcObject = track ? new MediaStream([track]) : null;
    // A muted video may play always; only a picture that goes at once interrupts it.
    if (track) this.#video.play().catch(() => {});
  }
}
