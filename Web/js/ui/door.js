import { byId } from './dom.js';
import { setIcon } from './icons.js';

/** @typedef {import('../call/call.js').Call} Call */

/** The screen before the room: waiting to be let in, or asked for a password. */
export class Door {
  #root = byId('door', HTMLElement);
  #video = byId('door-picture', HTMLVideoElement);
  #mic = byId('door-mic', HTMLButtonElement);
  #camera = byId('door-camera', HTMLButtonElement);
  #form = byId('door-form', HTMLFormElement);
  #password = byId('door-password', HTMLInputElement);
  #media;
  #room;
  /** @type {Call | null} */
  #call = null;

  /**
   * @param {string} room
   * @param {import('../media/local.js').LocalMedia} media
   */
  constructor(room, media) {
    this.#media = media;
    this.#room = room;
    byId('door-room', HTMLElement).textContent = room;
    byId('door-leave', HTMLButtonElement).addEventListener('click', () => this.#call?.hangUp());
    this.#mic.addEventListener('click', () => void media.setMic(!media.isMicOn));
    this.#camera.addEventListener('click', () => void media.setCamera(!media.isCameraOn));
    this.#form.addEventListener('submit', (e) => {
      e.preventDefault();
      const password = this.#password.value.trim();
      if (password) this.#call?.givePassword(password);
    });
  }

  /** @param {Call} call */
  open(call) {
    this.#call = call;
    const isPassword = call.state === 'password';
    const wasOpen = !this.#root.hidden && this.#form.hidden !== isPassword;
    this.#form.hidden = !isPassword;
    byId('door-waiting', HTMLElement).hidden = isPassword;
    byId('door-text', HTMLElement).textContent = call.moderators > 0
      ? `Somebody who can let you into ${this.#room} has been told that you are here.`
      : `Nobody who can let you into ${this.#room} is there yet. They will see that you wait as soon as they come.`;
    this.#warn(call.condition === 'wrong-password' ? 'That is not the password. Try again.' : call.condition === 'too-many-tries' ? 'Too many wrong passwords. Wait a minute, then try again.' : '');
    this.#root.hidden = false;
    if (isPassword) {
      this.#password.select();
      this.#password.focus();
    } else if (!wasOpen) {
      byId('door-leave', HTMLButtonElement).focus();
    }
    this.refresh();
  }

  close() {
    this.#root.hidden = true;
    this.#video.srcObject = null;
    this.#call = null;
  }

  /** Shows the devices as they are. */
  refresh() {
    if (this.#root.hidden) return;
    const { cameraTrack, isMicOn, isCameraOn } = this.#media;
    const shown = this.#video.srcObject instanceof MediaStream ? this.#video.srcObject.getVideoTracks()[0] : null;
    if ((shown ?? null) !== cameraTrack) this.#video.srcObject = cameraTrack ? new MediaStream([cameraTrack]) : null;
    byId('door-mirror', HTMLElement).classList.toggle('is-dark', !cameraTrack);
    setIcon(this.#mic, isMicOn ? 'mic' : 'mic-off');
    setIcon(this.#camera, isCameraOn ? 'camera' : 'camera-off');
    this.#mic.setAttribute('aria-label', isMicOn ? 'Mute the microphone' : 'Unmute the microphone');
    this.#camera.setAttribute('aria-label', isCameraOn ? 'Switch the camera off' : 'Switch the camera on');
    this.#mic.classList.toggle('is-off', !isMicOn);
    this.#camera.classList.toggle('is-off', !isCameraOn);
  }

  /** @param {string} text */
  #warn(text) {
    const notice = byId('door-notice', HTMLElement);
    notice.textContent = text;
    notice.hidden = text === '';
  }
}
