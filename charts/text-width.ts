/** Names of designs and numbers. The first face is what pictures are drawn with; the second, where that is missing. */
export const MONO = 'DejaVu Sans Mono, monospace';
export const SANS = 'DejaVu Sans, sans-serif';

const NARROW = /[fijlrtI.,:;()[\]|/\-!' ]/;
const WIDE = /[mwMW%+<>=@]/;
const CAPITAL = /[A-Z]/;

/**
 * Pixels that a text takes at most, without a font: a picture is laid out here and drawn wherever it is looked at.
 * Letters of DejaVu Sans, the widest of the common faces, in four classes; of a monospaced face all are 0.6 em wide.
 */
export function textWidth(text: string, fontSize: number, font = SANS, bold = false): number {
  let ems = 0;
  for (const letter of text)
    ems +=
      font === MONO
        ? 0.61
        : NARROW.test(letter)
          ? 0.36
          : WIDE.test(letter)
            ? 0.92
            : CAPITAL.test(letter)
              ? 0.72
              : 0.62;
  return Math.ceil(ems * fontSize * (bold ? 1.12 : 1));
}
