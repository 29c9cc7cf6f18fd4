/** The operations of a witness as a record keeps them: a picture needs their stamps, and the history is gone after the trial. */
import type { Verdicts, WitnessOperation } from '../ordering/contracts.ts';
import { FLUSH, type History, KIND_NAMES, NO_QUEUE, PENDING, submitterOf } from '../ordering/history.ts';

/** Rows of one witness at most. The checker names three; a cycle of `dependent` may be longer. */
const MOST = 8;

/** The same verdicts, their witnesses with operations. */
export function withOperations(verdicts: Verdicts, history: History, start: number): Verdicts {
  const entries = Object.entries(verdicts).map(([contract, verdict]) => {
    if (!verdict.witness) return [contract, verdict];
    const { rows } = verdict.witness;
    const operations = operationsOf(history, rows.slice(0, MOST), start);
    return [contract, { ...verdict, witness: { ...verdict.witness, operations } }];
  });
  return Object.fromEntries(entries) as Verdicts;
}

function operationsOf(history: History, rows: readonly number[], start: number): WitnessOperation[] {
  const operations = rows.map((row) => operationOf(history, row, start));
  const flush = rows.find((row) => history.kind[row] === FLUSH);
  if (flush === undefined) return operations;
  const fsync = lastFsync(history, flush);
  // That of the flush itself is its own backend call.
  if (
    fsync !== undefined &&
    !rows.some((row) => history.kind[row] === FLUSH && sameCall(history, row, fsync))
  )
    operations.push({ ...operationOf(history, fsync, start), kind: 'FSYNC' });
  return operations;
}

/** Of the fsyncs of its device that had returned when a flush was acknowledged, the one that began last. */
function lastFsync(history: History, flush: number): number | undefined {
  let last: number | undefined;
  for (let segment = 0; segment < history.submitters; segment++) {
    const first = segment * history.rowsEach;
    for (let row = first; row < first + history.count[segment]!; row++) {
      const could =
        history.kind[row] === FLUSH &&
        history.device[row] === history.device[flush] &&
        history.result[row]! >= 0 &&
        history.st[row]! > 0 &&
        history.co[row]! <= history.ak[flush]!;
      if (could && (last === undefined || history.st[row]! > history.st[last]!)) last = row;
    }
  }
  return last;
}

/** One fsync may serve several flushes, which then share its times. */
function sameCall(history: History, a: number, b: number): boolean {
  return history.st[a] === history.st[b] && history.co[a] === history.co[b];
}

function operationOf(history: History, row: number, start: number): WitnessOperation {
  const stamp = (column: Float64Array): number => Math.round((column[row]! - start) / 100) / 10;
  const came = (name: 'se' | 'st' | 'co' | 'ak') =>
    history[name][row]! > 0 ? { [name]: stamp(history[name]) } : {};
  const pending = history.result[row] === PENDING;
  return {
    kind: KIND_NAMES[history.kind[row] as 0],
    submitter: submitterOf(history, row),
    ...(history.queue[row] === NO_QUEUE ? {} : { queue: history.queue[row]!, worker: history.worker[row]! }),
    unit: history.unit[row]!,
    units: history.units[row]!,
    sb: stamp(history.sb),
    ...came('se'),
    ...came('st'),
    ...(pending ? {} : { ...came('co'), ...came('ak') }),
  };
}
