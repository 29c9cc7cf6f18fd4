/** Contents of files that tell which one they are, and whether they are whole. */
import { DAMAGED } from '../../ordering/files/check.ts';

/** 32 KiB. */
export const MOST_WORDS = 8192;

/** A file of `words` words and a header of two: the number that it stands for, and how many words follow. */
export function contentOf(state: number, words: number): Uint32Array {
  const content = new Uint32Array(2 + words);
  content[0] = state;
  content[1] = words;
  for (let i = 2; i < content.length; i++) content[i] = Math.imul(state + i, 0x9e3779b1);
  return content;
}

/** The number that a content stands for, or DAMAGED. */
export function stateOf(bytes: Buffer): number {
  const whole = Math.floor(bytes.length / 4);
  const found = new Uint32Array(whole);
  for (let i = 0; i < whole; i++) found[i] = bytes.readUInt32LE(4 * i);
  if (whole < 2 || bytes.length !== 4 * (2 + found[1]!) || found[1]! > MOST_WORDS) return DAMAGED;
  const wanted = contentOf(found[0]!, found[1]!);
  return wanted.every((word, i) => word === found[i]) ? found[0]! : DAMAGED;
}
