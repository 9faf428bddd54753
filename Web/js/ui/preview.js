import { LevelMeter } from '../media/level.js';
import { byId } from './dom.js';
import { setIcon } from './icons.js';
import { deviceNotice } from './texts.js';

/** @typedef {import('../config.js').Config} Config */
/** @typedef {import('../media/local.js').LocalMedia} LocalMedia */
/** @typedef {import('../xmpp/login.js').Account} Account */

const NAME = 'parley-name';

/** The screen before the call: who one is, how one looks and sounds. */
export class Preview {
  #root = byId('preview', HTMLElement);
  #video = byId('preview-picture', HTMLVideoElement);
  #name = byId('name', HTMLInputElement);
  #level = byId('level', HTMLElement);
  #notice = byId('preview-notice', HTMLElement);
  #mic = byId('preview-mic', HTMLButtonElement);
  #camera = byId('preview-camera', HTMLButtonElement);
  #media;
  #config;
  #meter = new LevelMeter();
  #frame = 0;

  /** @type {(name: string, account: Account | null) => void} */
  onJoin = () => {};

  /**
   * @param {Config} config
   * @param {LocalMedia} media
   * @param {string} name that the link gives; else the remembered one
   */
  constructor(config, media, name) {
    this.#config = config;
    this.#media = media;
    this.#name.value = name || localStorage.getItem(NAME) || '';
    byId('preview-room', HTMLElement).textContent = config.room;
    byId('preview-form', HTMLFormElement).addEventListener('submit', (e) => {
      e.preventDefault();
      this.#submit();
    });
    this.#mic.addEventListener('click', () => void media.setMic(!media.isMicOn));
    this.#camera.addEventListener('click', () => void media.setCamera(!media.isCameraOn));
    if (!config.guestDomain) this.#demandAccount();
  }

  /** @param {string} [problem] why one is here again */
  open(problem = '') {
    this.#root.hidden = false;
    this.#warn(problem);
    if (!this.#media.canCapture) this.#showInsecure();
    this.refresh();
    this.#name.focus();
    const draw = () => {
      this.#level.style.setProperty('--level', String(Math.min(1, this.#meter.read() * 6)));
      this.#frame = requestAnimationFrame(draw);
    };
    cancelAnimationFrame(this.#frame);
    draw();
  }

  close() {
    this.#root.hidden = true;
    cancelAnimationFrame(this.#frame);
    this.#meter.watch(null);
    this.#video.srcObject = null;
  }

  /** Shows the devices as they are. */
  refresh() {
    if (this.#root.hidden) return;
    const { audioTrack, cameraTrack, isMicOn, isCameraOn } = this.#media;
    const shown = this.#video.srcObject instanceof MediaStream ? this.#video.srcObject.getVideoTracks()[0] : null;
    if (shown !== cameraTrack) this.#video.srcObject = cameraTrack ? new MediaStream([cameraTrack]) : null;
    this.#video.parentElement?.classList.toggle('is-dark', !cameraTrack);
    this.#meter.watch(audioTrack);
    setIcon(this.#mic, isMicOn ? 'mic' : 'mic-off');
    setIcon(this.#camera, isCameraOn ? 'camera' : 'camera-off');
    this.#mic.setAttribute('aria-label', isMicOn ? 'Mute the microphone' : 'Unmute the microphone');
    this.#camera.setAttribute('aria-label', isCameraOn ? 'Switch the camera off' : 'Switch the camera on');
    this.#mic.classList.toggle('is-off', !isMicOn);
    this.#camera.classList.toggle('is-off', !isCameraOn);
    const notice = deviceNotice(this.#media);
    if (notice) this.#warn(notice);
  }

  #submit() {
    const name = this.#name.value.trim().slice(0, 64);
    if (!name) {
      this.#name.focus();
      return this.#warn('Say who you are: the others see this name.');
    }
    const domain = byId('account', HTMLInputElement).value.split('@')[1]?.trim().toLowerCase();
    if (domain && domain !== this.#config.domain) return this.#warn(`Accounts here end in @${this.#config.domain}.`);
    localStorage.setItem(NAME, name);
    this.onJoin(name, this.#account());
  }

  /** @returns {Account | null} */
  #account() {
    const jid = byId('account', HTMLInputElement).value.trim();
    const password = byId('password', HTMLInputElement).value;
    return jid ? { user: jid.split('@')[0] ?? '', password } : null;
  }

  #demandAccount() {
    byId('sign-in', HTMLDetailsElement).open = true;
    byId('account', HTMLInputElement).required = true;
    byId('password', HTMLInputElement).required = true;
  }

  /** @param {string} text */
  #warn(text) {
    this.#notice.textContent = text;
    this.#notice.hidden = text === '';
  }

  #showInsecure() {
    const { httpsPort } = this.#config;
    byId('insecure', HTMLElement).hidden = false;
    const link = byId('insecure-link', HTMLAnchorElement);
    if (!httpsPort) return void (link.hidden = true);
    link.href = `https://${location.hostname}${httpsPort === 443 ? '' : `:${httpsPort}`}${location.pathname}${location.search}`;
    link.textContent = link.href;
  }
}
