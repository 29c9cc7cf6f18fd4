/**
 * How fast the checker is, on one thread: operations of history a second, and crash states a second, each beside a floor that was
 * measured in the same rounds. Histories are made up (histories.ts); rounds are interleaved, and the median stands with the range.
 */
import { median } from 'simple-statistics';
import { check } from '../../ordering/check.ts';
import { checkCrashes } from '../../ordering/crash/check.ts';
import type { History } from '../../ordering/history.ts';
import { makeHistory, makeWindows, type Recipe, WORLD } from './histories.ts';

const OPERATIONS = Number(process.env.LOOPWQ_CHECKER_OPERATIONS ?? 1e6);
const ROUNDS = Number(process.env.LOOPWQ_CHECKER_ROUNDS ?? 5);
const STATES = 20 * OPERATIONS;
const SEED = 1;

const LOAD = { operations: OPERATIONS, depth: 8, flushes: 3 };
const RECIPES: Recipe[] = [
  { ...LOAD, name: '128 MiB, all rules kept', blocks: 2 ** 15, kept: true },
  { ...LOAD, name: '1 GiB, all rules kept', blocks: 2 ** 18, kept: true },
  { ...LOAD, name: '128 MiB, every rule lost', blocks: 2 ** 15, kept: false },
];
/** Every subset of so many writes is tried, and of so many a part by chance. */
const WHOLE = 18;
const SAMPLED = 40;

interface Timed {
  name: string;
  unit: string;
  /** Does the work once and returns how much it was. */
  work(): number;
  rates: number[];
}

function main(): void {
  const timed: Timed[] = [];
  const add = (name: string, unit: string, work: () => number): void => {
    timed.push({ name, unit, work, rates: [] });
  };
  for (const recipe of RECIPES) {
    const history = makeHistory(recipe, SEED);
    add(`history, ${recipe.name}`, 'operations', () => {
      check(history, WORLD);
      return OPERATIONS;
    });
    add('  floor: one pass over its columns', 'operations', () => passOver(history));
  }
  for (const [writes, states] of [
    [WHOLE, 4 * STATES],
    [SAMPLED, STATES / 1000],
  ] as const) {
    const windows = Math.max(1, Math.round(STATES / 2 ** WHOLE));
    const history = makeWindows(windows, writes);
    const how = writes === WHOLE ? 'all tried' : 'sampled';
    add(`crash states, ${writes} writes a window, ${how}`, 'states', () => {
      return checkCrashes(history, WORLD, { budget: states, seed: SEED }).explored;
    });
  }
  add('  floor: Gray code over 20 writes, nothing judged', 'states', () => grayCode(STATES));

  for (let round = 0; round < ROUNDS + 1; round++) {
    for (const one of timed) {
      const start = performance.now();
      const amount = one.work();
      const seconds = (performance.now() - start) / 1000;
      // The first round warms the JIT up.
      if (round > 0) one.rates.push(amount / seconds);
    }
  }
  const width = Math.max(...timed.map(({ name }) => name.length));
  for (const { name, unit, rates } of timed) {
    const [low, high] = [Math.min(...rates), Math.max(...rates)].map(millions);
    process.stdout.write(
      `${name.padEnd(width)}  ${millions(median(rates)).padStart(6)} M ${unit}/s  [${low}, ${high}] in ${ROUNDS} rounds\n`,
    );
  }
}

function millions(rate: number): string {
  return (rate / 1e6).toFixed(rate < 1e8 ? 2 : 0);
}

/** What nobody who looks at every row can beat: five stamps and the unit, added up. */
function passOver({ submitters, rowsEach, count, sb, se, st, co, ak, unit, kind }: History): number {
  let rows = 0;
  let sum = 0;
  for (let s = 0; s < submitters; s++) {
    const from = s * rowsEach;
    for (let row = from; row < from + count[s]!; row++) {
      sum += sb[row]! + se[row]! + st[row]! + co[row]! + ak[row]! + unit[row]! + kind[row]!;
    }
    rows += count[s]!;
  }
  // Or the sum would be left out as dead.
  return Number.isNaN(sum) ? 0 : rows;
}

/** Subsets of 20 writes on 64 blocks: each step flips one write, and shows or hides it on its blocks. */
function grayCode(states: number): number {
  const WRITES = 20;
  const covers = Float64Array.from({ length: WRITES }, (_, i) => 1 + ((i * 7) % 3));
  const shown = new Int32Array(64);
  let state = 0;
  for (let i = 1; i < states; i++) {
    const write = Math.clz32(i & -i) ^ 31;
    const bit = write % WRITES;
    state ^= 1 << bit;
    const change = (state >> bit) & 1 ? 1 : -1;
    for (let k = 0; k < covers[bit]!; k++) shown[(bit * 3 + k) & 63]! += change;
  }
  return shown[0]! < 0 ? 0 : states;
}

main();
