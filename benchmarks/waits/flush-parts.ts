/** The latency of a FLUSH in four parts, which add up to it. */
import { FLUSH, type History } from '../../ordering/history.ts';
import type { Measured } from './measured.ts';

export interface FlushParts {
  /** Submission to where the gate let it go, the wait in a front included; of one that was done without a call all there is. */
  gate: number[];
  /** Until the call begins. */
  queue: number[];
  /** The call. */
  device: number[];
  /** From the call's return to the acknowledgement. */
  settle: number[];
}

export function flushParts(history: History, { rows }: Measured): FlushParts {
  const parts: FlushParts = { gate: [], queue: [], device: [], settle: [] };
  for (const row of rows) {
    if (history.kind[row] !== FLUSH) continue;
    const begun = history.st[row]!;
    if (begun === 0) {
      parts.gate.push(history.ak[row]! - history.sb[row]!);
      continue;
    }
    const gone = letGo(history, row);
    parts.gate.push(gone - history.sb[row]!);
    parts.queue.push(begun - gone);
    parts.device.push(history.co[row]! - begun);
    parts.settle.push(history.ak[row]! - history.co[row]!);
  }
  return parts;
}

/** When an operation was on its way to its queue: it was submitted, and no gate held it back. */
export function letGo(history: History, row: number): number {
  return history.go[row] === 0 ? history.sb[row]! : history.go[row]!;
}
