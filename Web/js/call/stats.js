/** @typedef {{ bars: 0 | 1 | 2 | 3 | 4, rtt: number | null, loss: number | null, isRelayed: boolean }} Quality */

/** @typedef {{ lost: number, received: number }} Counts */

/** Watches how well the connection does, from the differences between readings. */
export class QualityMeter {
  /** @type {RTCPeerConnection | null} */
  #pc = null;
  /** @type {Counts} */
  #before = { lost: 0, received: 0 };

  /**
   * @param {RTCPeerConnection} pc
   * @returns {Promise<{ quality: Quality, levels: Map<string, number> }>} with the audio level of each slot, where the browser tells it
   */
  async read(pc) {
    if (pc !== this.#pc) {
      this.#pc = pc;
      this.#before = { lost: 0, received: 0 };
    }
    const stats = await pc.getStats();
    /** @type {Map<string, number>} */
    const levels = new Map();
    const now = { lost: 0, received: 0 };
    let rtt = null;
    let sent = 0;
    let isRelayed = false;
    for (const s of stats.values()) {
      if (s.type === 'inbound-rtp') {
        now.lost += Math.max(0, s.packetsLost ?? 0);
        now.received += s.packetsReceived ?? 0;
        if (s.kind === 'audio' && s.mid !== undefined && s.audioLevel !== undefined) levels.set(s.mid, s.audioLevel);
      } else if (s.type === 'remote-inbound-rtp') {
        sent = Math.max(sent, s.fractionLost ?? 0);
      } else if (s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded') {
        rtt = s.currentRoundTripTime ?? rtt;
        isRelayed ||= stats.get(s.localCandidateId)?.candidateType === 'relay';
      }
    }
    const lost = Math.max(0, now.lost - this.#before.lost);
    const received = Math.max(0, now.received - this.#before.received);
    this.#before = now;
    const loss = lost + received > 0 ? Math.max(lost / (lost + received), sent) : sent;
    return { quality: { bars: barsFor(rtt, loss), rtt, loss, isRelayed }, levels };
  }
}

/**
 * @param {number | null} rtt seconds
 * @param {number} loss 0 to 1
 * @returns {0 | 1 | 2 | 3 | 4}
 */
export function barsFor(rtt, loss) {
  if (rtt === null) return 0;
  if (rtt < 0.15 && loss < 0.01) return 4;
  if (rtt < 0.3 && loss < 0.03) return 3;
  if (rtt < 0.5 && loss < 0.08) return 2;
  return 1;
}
