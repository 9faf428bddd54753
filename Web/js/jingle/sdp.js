/**
 * A session description, taken apart just as far as Jingle needs it.
 * @typedef {{ kind: string, port: number, protocol: string, formats: string[], mid: string, lines: string[] }} Section
 * @typedef {{ lines: string[], sections: Section[] }} Sdp
 */

/**
 * @param {string} sdp
 * @returns {Sdp}
 */
export function parseSdp(sdp) {
  /** @type {Sdp} */
  const result = { lines: [], sections: [] };
  let into = result.lines;
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) {
      const [kind = '', port = '0', protocol = '', ...formats] = line.slice(2).split(' ');
      into = [];
      result.sections.push({ kind, port: parseInt(port, 10), protocol, formats, mid: '', lines: into });
    } else if (line) {
      into.push(line);
    }
  }
  for (const [i, s] of result.sections.entries()) s.mid = attribute(s.lines, 'mid') ?? String(i);
  return result;
}

/**
 * All values of an attribute, in order.
 * @param {string[]} lines
 * @param {string} name
 */
export function attributes(lines, name) {
  const prefix = `a=${name}:`;
  return lines.filter((l) => l.startsWith(prefix)).map((l) => l.slice(prefix.length));
}

/**
 * The first value of an attribute.
 * @param {string[]} lines
 * @param {string} name
 * @returns {string | undefined}
 */
export function attribute(lines, name) {
  return attributes(lines, name)[0];
}

/**
 * Whether a flag is set.
 * @param {string[]} lines
 * @param {string} name
 */
export function flag(lines, name) {
  return lines.includes(`a=${name}`);
}

/**
 * Cuts at the first separator.
 * @param {string} s
 * @param {string} separator
 * @returns {[string, string]}
 */
export function cut(s, separator) {
  const at = s.indexOf(separator);
  return at < 0 ? [s, ''] : [s.slice(0, at), s.slice(at + separator.length)];
}
