/** @typedef {'audio' | 'video'} Kind */
/** @typedef {'refused' | 'missing' | 'busy' | 'insecure' | 'failed'} Problem */

const SMALL = { width: 640, height: 360, bitrate: 800_000 };
// A machine with two cores has to encode its own picture and decode everybody's on them: fewer frames keep the sound whole.
const FRAMES = navigator.hardwareConcurrency <= 2 ? 15 : 24;
const LARGE = { width: 1280, height: 720, bitrate: 2_000_000 };
const SLIDES_BITRATE = 2_500_000;

/**
 * What a failure of getUserMedia means to a person.
 * @param {unknown} e
 * @returns {Problem}
 */
export function problemOf(e) {
  switch (e instanceof Error ? e.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'refused';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}

/** This person's microphone, camera and screen. Joins with what there is. */
export class LocalMedia {
  /** @type {MediaStreamTrack | null} */
  audioTrack = null;
  /** @type {MediaStreamTrack | null} */
  cameraTrack = null;
  /** @type {MediaStreamTrack | null} */
  screenTrack = null;
  /** @type {{ audio: Problem | null, video: Problem | null }} */
  problems = { audio: null, video: null };
  /** Whether the person wants to be heard and seen. */
  wants = { audio: true, video: true };
  /** @type {{ audio: string, video: string }} */
  deviceIds = { audio: '', video: '' };
  isHd = false;

  /** @type {() => void} */
  onChange = () => {};

  get canCapture() {
    return navigator.mediaDevices?.getUserMedia !== undefined;
  }

  get canShare() {
    return navigator.mediaDevices?.getDisplayMedia !== undefined;
  }

  get isMicOn() {
    return this.audioTrack !== null && this.wants.audio;
  }

  get isSharing() {
    return this.screenTrack !== null;
  }

  get isCameraOn() {
    return this.cameraTrack !== null;
  }

  get isVideoOn() {
    return this.outgoingVideo !== null;
  }

  /** A screen takes the camera's place. */
  get outgoingVideo() {
    return this.screenTrack ?? this.cameraTrack;
  }

  get videoBitrate() {
    return this.isSharing ? SLIDES_BITRATE : (this.isHd ? LARGE : SMALL).bitrate;
  }

  /** Opens what is wanted: both at once, so that the browser asks once; then each alone. */
  async open() {
    if (!this.canCapture) {
      this.problems = { audio: 'insecure', video: 'insecure' };
      return this.onChange();
    }
    /** @type {Kind[]} */
    const wanted = [];
    if (!this.audioTrack) wanted.push('audio');
    if (this.wants.video && !this.cameraTrack) wanted.push('video');
    if (wanted.length === 2) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: this.#constraints('audio'), video: this.#constraints('video') });
        this.#adopt(stream);
        return this.onChange();
      } catch (e) {
        // Which of them failed is only told by asking for each.
        console.info('Parley: camera and microphone together:', e instanceof Error ? e.name : e);
      }
    }
    for (const kind of wanted) await this.#openOne(kind);
    this.onChange();
  }

  /** @param {boolean} on */
  async setMic(on) {
    this.wants.audio = on;
    if (on && !this.audioTrack) await this.#openOne('audio');
    if (this.audioTrack) this.audioTrack.enabled = on;
    this.onChange();
  }

  /** A camera that is off is released, and its light goes out. @param {boolean} on */
  async setCamera(on) {
    this.wants.video = on;
    if (on && !this.cameraTrack) await this.#openOne('video');
    if (!on) this.#release('video');
    this.onChange();
  }

  /**
   * @param {Kind} kind
   * @param {string} deviceId
   */
  async setDevice(kind, deviceId) {
    this.deviceIds[kind] = deviceId;
    if (kind === 'video' && !this.wants.video) return;
    this.#release(kind);
    await this.#openOne(kind);
    this.onChange();
  }

  /** @param {boolean} isHd */
  async setHd(isHd) {
    this.isHd = isHd;
    const { width, height } = isHd ? LARGE : SMALL;
    await this.cameraTrack?.applyConstraints({ width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FRAMES, max: 30 } }).catch((e) => console.info('Parley: the camera keeps its size:', e.name));
    this.onChange();
  }

  /** Shares a screen; false if the person thought better of it. */
  async startSharing() {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: false });
      const track = stream.getVideoTracks()[0] ?? null;
      if (!track) return false;
      track.contentHint = 'detail';
      track.onended = () => this.stopSharing(track);
      this.screenTrack = track;
      this.onChange();
      return true;
    } catch (e) {
      if (problemOf(e) === 'refused') return false;
      throw e;
    }
  }

  /** @param {MediaStreamTrack | null} [track] */
  stopSharing(track = this.screenTrack) {
    if (!track || track !== this.screenTrack) return;
    track.stop();
    this.screenTrack = null;
    this.onChange();
  }

  /** Lets go of everything: the lights go out. */
  close() {
    this.#release('audio');
    this.#release('video');
    this.stopSharing();
  }

  /** @param {Kind} kind */
  async #openOne(kind) {
    if (!this.canCapture) {
      this.problems[kind] = 'insecure';
      return;
    }
    try {
      this.#adopt(await navigator.mediaDevices.getUserMedia({ [kind]: this.#constraints(kind) }));
    } catch (e) {
      this.problems[kind] = problemOf(e);
    }
  }

  /** @param {MediaStream} stream */
  #adopt(stream) {
    for (const track of stream.getTracks()) {
      const kind = track.kind === 'audio' ? 'audio' : 'video';
      this.#release(kind);
      this.problems[kind] = null;
      track.onended = () => this.#lost(kind, track);
      if (kind === 'audio') {
        track.enabled = this.wants.audio;
        this.audioTrack = track;
      } else {
        this.cameraTrack = track;
      }
    }
  }

  /**
   * A device was pulled out: another one may do.
   * @param {Kind} kind
   * @param {MediaStreamTrack} track
   */
  async #lost(kind, track) {
    if (track !== (kind === 'audio' ? this.audioTrack : this.cameraTrack)) return;
    this.deviceIds[kind] = '';
    this.#release(kind);
    await this.#openOne(kind);
    this.onChange();
  }

  /** @param {Kind} kind */
  #release(kind) {
    const track = kind === 'audio' ? this.audioTrack : this.cameraTrack;
    if (kind === 'audio') this.audioTrack = null;
    else this.cameraTrack = null;
    if (!track) return;
    track.onended = null;
    track.stop();
  }

  /**
   * @param {Kind} kind
   * @returns {MediaTrackConstraints}
   */
  #constraints(kind) {
    const id = this.deviceIds[kind];
    const device = id ? { deviceId: { ideal: id } } : {};
    if (kind === 'audio') return { ...device, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const { width, height } = this.isHd ? LARGE : SMALL;
    return { ...device, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FRAMES, max: 30 } };
  }
}
