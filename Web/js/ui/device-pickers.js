import { devices, watchDevices } from '../media/devices.js';
import { byId, fillSelect } from './dom.js';

/** @typedef {import('../media/local.js').LocalMedia} LocalMedia */

const REMEMBERED = 'parley-devices';

/**
 * Recalls the devices that were chosen the last time.
 * @param {LocalMedia} media
 */
export function recallDevices(media) {
  try {
    const { audio = '', video = '' } = JSON.parse(localStorage.getItem(REMEMBERED) ?? '{}');
    media.deviceIds = { audio: String(audio), video: String(video) };
  } catch {
    localStorage.removeItem(REMEMBERED); // somebody else's value
  }
}

/** The choices of microphone and camera, wherever they stand on the page. */
export class DevicePickers {
  #media;
  #pickers;

  /** @param {LocalMedia} media */
  constructor(media) {
    this.#media = media;
    this.#pickers = ['preview', 'settings'].map((where) => ({
      audio: byId(`${where}-audio`, HTMLSelectElement),
      video: byId(`${where}-video`, HTMLSelectElement),
    }));
    for (const p of this.#pickers) {
      for (const kind of /** @type {const} */ (['audio', 'video'])) {
        p[kind].addEventListener('change', () => void this.#choose(kind, p[kind].value));
      }
    }
    watchDevices(() => void this.refresh());
  }

  async refresh() {
    const [audio, video] = await Promise.all([devices('audioinput'), devices('videoinput')]);
    const used = {
      audio: this.#media.audioTrack?.getSettings().deviceId ?? this.#media.deviceIds.audio,
      video: this.#media.cameraTrack?.getSettings().deviceId ?? this.#media.deviceIds.video,
    };
    for (const p of this.#pickers) {
      fillSelect(p.audio, audio, used.audio, 'No microphone');
      fillSelect(p.video, video, used.video, 'No camera');
    }
  }

  /**
   * @param {'audio' | 'video'} kind
   * @param {string} id
   */
  async #choose(kind, id) {
    await this.#media.setDevice(kind, id);
    localStorage.setItem(REMEMBERED, JSON.stringify(this.#media.deviceIds));
    await this.refresh();
  }
}
