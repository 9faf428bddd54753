/** How loud (0 to 1) counts as speech, and how long a ring stays after it. */
const THRESHOLD = 0.015;
const HOLD = 700;

/** Who is speaking: levels come in, a stable answer goes out. */
export class SpeakingDetector {
  /** @type {Map<string, number>} */
  #until = new Map();

  /**
   * @param {string} id
   * @param {number} level 0 to 1
   * @param {number} now milliseconds
   */
  hear(id, level, now) {
    if (level >= THRESHOLD) this.#until.set(id, now + HOLD);
  }

  /**
   * @param {number} now milliseconds
   * @returns {Set<string>}
   */
  speakers(now) {
    for (const [id, until] of this.#until) {
      if (until <= now) this.#until.delete(id);
    }
    return new Set(this.#until.keys());
  }
}

/**
 * The level of what arrives on a receiver, by its RTP header extension; null where the browser does not tell.
 * @param {RTCRtpReceiver} receiver
 */
export function receivedLevel(receiver) {
  const source = receiver.getSynchronizationSources?.()[0];
  return source?.audioLevel ?? null;
}
