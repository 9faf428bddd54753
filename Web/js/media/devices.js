/** @typedef {{ id: string, label: string }} Device */

/**
 * The microphones or cameras there are.
 * @param {'audioinput' | 'videoinput'} kind
 * @returns {Promise<Device[]>}
 */
export async function devices(kind) {
  if (!navigator.mediaDevices?.enumerateDevices) return [];
  const all = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === kind && d.deviceId !== '');
  const fallback = kind === 'audioinput' ? 'Microphone' : 'Camera';
  return all.map((d, i) => ({ id: d.deviceId, label: d.label || `${fallback} ${i + 1}` }));
}

/**
 * Calls back when devices come or go.
 * @param {() => void} changed
 */
export function watchDevices(changed) {
  navigator.mediaDevices?.addEventListener?.('devicechange', changed);
}
