/** A surrogate without its other half; with the `u` flag a whole pair does not match. */
const loneSurrogate = /\p{Surrogate}/u;
const everyLoneSurrogate = /\p{Surrogate}/gu;

/** The text as PostgreSQL can keep it: U+0000 and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  const whole = loneSurrogate.test(text) ? text.replace(everyLoneSurrogate, '\uFFFD') : text;
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}

/** U+0000 and halves of pairs, whole pairs too: a text without any of them, as nearly all are, costs one quick look. */
const suspect = /[\0\ud800-\udfff]/;

/** What keeps a text out of PostgreSQL's jsonb, or null. */
export function unstorable(text: string): string | null {
  if (!suspect.test(text)) return null;
  const nul = text.indexOf('\0');
  if (nul >= 0) return `U+0000 at character ${nul}, which PostgreSQL cannot store`;
  const lone = loneSurrogate.exec(text);
  return lone && `a lone surrogate at character ${lone.index}, which is not valid Unicode`;
}
