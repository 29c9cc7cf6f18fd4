/**
 * Small programs by chance: a few operations of two or three submitters on so few units that they meet. Some wait for
 * what they depend on, as a file system does; most do not, as in the thread's diagram.
 */
import type { Operation, Program } from '../../engine/simulator/program.ts';
import { DISCARD, FLUSH, FUA, PREFLUSH, READ, WRITE, WRITE_ZEROES } from '../../ordering/history.ts';

/** Small files: operations on them overlap more often than not. */
const UNITS = 4;
const MOST_UNITS = 2;
const LEAST = 3;
const MOST = 12;
/** More than one queue's worth for the designs that move work once their queues are deep. */
const MANY = 28;

/** How many in a hundred operations are of a kind. */
const KINDS: readonly [kind: number, share: number][] = [
  [WRITE, 50],
  [FLUSH, 25],
  [READ, 17],
  [DISCARD, 5],
  [WRITE_ZEROES, 3],
];

/** Of a WRITE: FUA, PREFLUSH, both, or nothing; most are plain. */
const FLAGS = [FUA, PREFLUSH, FUA | PREFLUSH];
const PLAIN = 0.85;

/** @param random numbers from 0 to 1, of which the program is made */
export function drawProgram(random: () => number): Program {
  const below = (n: number): number => Math.floor(random() * n);
  const submitters = 2 + below(2);
  const devices = 1 + below(2);
  const many = below(12) === 0;
  const count = many ? MANY : LEAST + below(MOST - LEAST + 1);
  const patience = below(3) * 0.25;
  const operations: Operation[] = [];
  for (let i = 0; i < count; i++) {
    const kind = drawKind(below(100));
    const units = kind === FLUSH ? 0 : 1 + below(MOST_UNITS);
    operations.push({
      submitter: below(submitters),
      kind,
      ...(kind === WRITE && random() > PLAIN ? { flags: FLAGS[below(FLAGS.length)]! } : {}),
      device: below(devices),
      unit: kind === FLUSH ? 0 : below(UNITS - units + 1),
      units,
      after: i > 0 && random() < patience ? [below(i)] : [],
    });
  }
  const program: Program = {
    operations,
    submitters,
    devices,
    depth: many ? MANY : 1 + below(count),
    backend: below(2) === 0 ? 'sync' : 'uring',
  };
  if (devices > 1 && below(4) === 0) program.replaced = 0;
  if (below(8) === 0) program.shortTransfer = below(3);
  if (below(8) === 0) program.failedFsync = below(2);
  return program;
}

function drawKind(percent: number): number {
  let sum = 0;
  for (const [kind, share] of KINDS) {
    sum += share;
    if (percent < sum) return kind;
  }
  return WRITE;
}
