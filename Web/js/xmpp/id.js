import { toBase64 } from './scram.js';

/** 128 random bits in characters that go anywhere. (crypto.randomUUID is missing on origins that are not secure.) */
export function randomId() {
  return toBase64(crypto.getRandomValues(new Uint8Array(16))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
