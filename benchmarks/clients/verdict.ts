/**
 * Who was right about what, from the numbers alone. Ming Lei: a file system that waits is safe on whatever keeps `completed`, so
 * nothing is to be changed in the block layer. Eric Wheeler: without a barrier around a FLUSH a snapshot can hold what was
 * written in place and not its journal entry, so queues must quiesce.
 */
import type { RecoveryReport } from '../../ordering/clients/recovery.ts';
import { count } from './words.ts';

/** What was found of one client on one design, whether simulated or on a disk. */
export interface Found {
  client: string;
  design: string;
  /** The design keeps `barrier`. */
  barrier: boolean;
  /** The client waits for what it depends on. */
  waits: boolean;
  report: RecoveryReport;
}

/** What the stronger rule costs a client that does not need it: by mode, transactions as a ratio to pass-through. */
export interface Price {
  mode: string;
  ratio: number;
  low: number | undefined;
  high: number | undefined;
}

interface Sum {
  broken: number;
  explored: number;
}

function sumOf(found: readonly Found[]): Sum {
  const sum = (of: (report: RecoveryReport) => number): number =>
    found.reduce((n, { report }) => n + of(report), 0);
  return {
    broken: sum((r) => r.unrecoverable + r.unrecoverableTorn),
    explored: sum((r) => r.explored + r.torn),
  };
}

export function sentencesOf(found: readonly Found[], prices: readonly Price[]): [ming: string, eric: string] {
  return [
    aboutWaiting(found.filter(({ waits }) => waits)),
    aboutBarriers(
      found.filter(({ waits }) => !waits),
      prices,
    ),
  ];
}

/** Names in the order in which they came, each once. */
function names(list: readonly string[]): string {
  const each = [...new Set(list)];
  return each.length < 2 ? (each[0] ?? 'none') : `${each.slice(0, -1).join(', ')} and ${each.at(-1)}`;
}

function aboutWaiting(found: readonly Found[]): string {
  const { broken, explored } = sumOf(found);
  const clients = names(found.map(({ client }) => client));
  const designs = new Set(found.map(({ design }) => design)).size;
  if (explored === 0)
    return 'Of Ming Lei nothing can be said: no crash state of a client that waits was explored.';
  if (broken === 0) {
    return (
      `Ming Lei was right about what a FLUSH has to do: ${clients}, which wait for what they depend on, recover from each of the ` +
      `${count(explored)} crash states explored on ${designs} designs, those that pass a FLUSH through among them.`
    );
  }
  const worst = found.filter(({ report }) => report.unrecoverable + report.unrecoverableTorn > 0);
  return (
    `Ming Lei was not right about what a FLUSH has to do: ${names(worst.map(({ client }) => client))}, which wait for what they ` +
    `depend on, do not recover from ${count(broken)} of ${count(explored)} crash states explored; they are lost on ` +
    `${names(worst.map(({ design }) => design))}.`
  );
}

function aboutBarriers(found: readonly Found[], prices: readonly Price[]): string {
  const without = sumOf(found.filter(({ barrier }) => !barrier));
  const within = sumOf(found.filter(({ barrier }) => barrier));
  const clients = names(found.map(({ client }) => client));
  const price = priceOf(prices);
  if (without.explored === 0)
    return 'Of Eric Wheeler nothing can be said: no crash state of his diagram was explored.';
  if (without.broken === 0) {
    return (
      `Eric Wheeler was not right that his diagram loses anything: ${clients} recovers from each of the ${count(without.explored)} ` +
      `crash states explored on designs without a barrier.`
    );
  }
  const lost = `${clients}, his diagram, does not recover from ${count(without.broken)} of ${count(without.explored)} crash states on designs without a barrier`;
  if (within.explored === 0) return `Eric Wheeler was right that his diagram loses: ${lost}.`;
  if (within.broken > 0) {
    return `Eric Wheeler was right that his diagram loses and not right about the remedy: ${lost}, and still not from ${count(within.broken)} of ${count(within.explored)} where the queues quiesce.`;
  }
  return (
    `Eric Wheeler was right that his diagram loses and what it takes: ${lost}, and recovers from each of ${count(within.explored)} where the ` +
    `queues quiesce with nothing in front of them; but no file system in the tree does as it does${price}.`
  );
}

function priceOf(prices: readonly Price[]): string {
  if (prices.length === 0) return '';
  const each = prices.map(({ mode, ratio, low, high }) => {
    const range = low === undefined || high === undefined ? '' : ` [${low.toFixed(2)}, ${high.toFixed(2)}]`;
    return `${ratio.toFixed(2)}${range} ${mode}`;
  });
  return `, and it leaves jbd2, which does not need it, ${each.join(' and ')} times the transactions of pass-through`;
}
