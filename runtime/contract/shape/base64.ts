const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
const sextets = new Int8Array(128).fill(-1);
for (const [sextet, code] of codes.entries()) sextets[code] = sextet;

const padding = 0x3d;
/** So many bytes at a time become text: divisible by 3, and few enough to be arguments of one call. */
const chunk = 12_288;

/** Standard base64 with padding (RFC 4648 §4). Our own, because this code also runs where there is no Buffer. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += chunk) {
    text += String.fromCharCode(...lettersOf(bytes.subarray(start, start + chunk)));
  }
  return text;
}

/** The bytes of a base64 text, or null when it is none. Line breaks, which PostgreSQL's `encode()` puts in, are skipped. */
export function fromBase64(text: string): Uint8Array | null {
  const letters = text.includes('\n') ? text.replaceAll(/\r?\n/g, '') : text;
  if (letters.length % 4 !== 0) return null;
  const pads = letters.endsWith('==') ? 2 : letters.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((letters.length / 4) * 3 - pads);

  let bits = 0;
  let at = 0;
  for (let i = 0; i < letters.length - pads; i++) {
    const sextet = sextets[letters.charCodeAt(i)] ?? -1;
    if (sextet < 0) return null;
    bits = ((bits << 6) | sextet) & 0xffffff;
    const place = i % 4;
    if (place > 0) bytes[at++] = bits >> (6 - 2 * place);
  }
  // Bits that belong to no byte must be 0: otherwise two texts would mean the same bytes.
  const unused = pads === 1 ? bits & 0b11 : pads === 2 ? bits & 0b1111 : 0;
  return unused === 0 ? bytes : null;
}

function lettersOf(bytes: Uint8Array): Uint8Array {
  const letters = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(padding);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    letters[at] = codes[group >> 18] ?? 0;
    letters[at + 1] = codes[(group >> 12) & 63] ?? 0;
    if (left > 1) letters[at + 2] = codes[(group >> 6) & 63] ?? 0;
    if (left > 2) letters[at + 3] = codes[group & 63] ?? 0;
    at += 4;
  }
  return letters;
}
