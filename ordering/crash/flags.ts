/** Flags of writes, as a history has them; one without such a column has none set. */
import type { History } from '../history.ts';

export const FUA = 1;
export const PREFLUSH = 2;
export const DSYNC = 8;

export function flagsOf(history: History, row: number): number {
  return (history as { flags?: Uint8Array }).flags?.[row] ?? 0;
}
