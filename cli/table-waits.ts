/** Where operations waited, in two tables: what a FLUSH went through, and what happened in and around the queues. */
import type { Group, Row } from '../benchmarks/summary.ts';
import type { WaitSummary } from '../benchmarks/waits/summary.ts';
import { type Column, columnOf, filled } from './table-cells.ts';
import { bytes, count, decimal, duration } from './table-text.ts';

type Name = keyof WaitSummary['percentiles'];

export interface WaitTable {
  title: string;
  columns: Column[];
}

/** No table that would be empty. */
export function waitTables(group: Group): WaitTable[] {
  return [
    { title: 'a FLUSH, from submission to acknowledgement, and what its fsync met', columns: flushes(group) },
    { title: 'queues and neighbours', columns: queues(group) },
  ].filter(({ columns }) => columns.length > 0);
}

function flushes(group: Group): Column[] {
  // Without a gate there is nothing to wait for in it.
  const gate = (head: string, name: Name): Column =>
    of(group, head, name, (value) => (value === 0 ? undefined : duration(value)));
  return filled([
    gate('gate\np50', 'flushGateP50'),
    gate('gate\np95', 'flushGateP95'),
    of(group, 'queue\np50', 'flushQueueP50', duration),
    of(group, 'queue\np95', 'flushQueueP95', duration),
    of(group, 'call\np50', 'flushCallP50', duration),
    of(group, 'call\np95', 'flushCallP95', duration),
    of(group, 'in flight\np50', 'inFlightP50', count),
    of(group, 'in flight\np95', 'inFlightP95', count),
    of(group, 'dirty\np50', 'dirtyBytesP50', bytes),
    of(group, 'dirty\np95', 'dirtyBytesP95', bytes),
  ]);
}

function queues(group: Group): Column[] {
  const share = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : `${percent(100 * value)}%`;
  return filled([
    of(group, 'read in\nqueue p50', 'readQueueP50', duration),
    of(group, 'read in\nqueue p95', 'readQueueP95', duration),
    of(group, 'write in\nqueue p50', 'writeQueueP50', duration),
    of(group, 'write in\nqueue p95', 'writeQueueP95', duration),
    columnOf(group, 'behind\ndevice', (row) => share(row.waits?.behindDevice)),
    columnOf(group, 'behind\ncgroup', (row) => share(row.waits?.behindCgroup)),
    of(group, 'read p99\nby flush', 'readBesideP99', duration),
    of(group, 'read p99\nalone', 'readAloneP99', duration),
    columnOf(group, 'no free\ntag', (row) => share(row.blocked)),
    columnOf(group, 'io-wq/\nIO', (row) =>
      row.ioWqPunts === undefined ? undefined : decimal(row.ioWqPunts),
    ),
  ]);
}

function percent(value: number): string {
  if (value > 0 && value < 0.05) return '<0.1';
  return value > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

function of(group: Group, head: string, name: Name, told: (value: number) => string | undefined): Column {
  return columnOf(group, head, (row: Row) => {
    const it = row.waits?.percentiles[name];
    return it && ('refused' in it ? `n<${it.needs}` : told(it.value));
  });
}

/** Explains what the tables of waits have in them. */
export function waitLegend(groups: readonly Group[]): string[] {
  const heads = new Set(
    groups.flatMap((group) => waitTables(group).flatMap(({ columns }) => columns.map(({ head }) => head))),
  );
  const has = (start: string): boolean => [...heads].some((head) => head.startsWith(start));
  const lines: [when: boolean, text: string][] = [
    [
      has('gate'),
      'gate: from the submission until the flush policy, and a front before it, let a FLUSH go; all of one that needed no fsync.',
    ],
    [
      has('queue') || has('call'),
      'queue, call: of a FLUSH, from the gate, else from the submission, to the beginning of fsync, and fsync itself.',
    ],
    [
      has('in flight'),
      'in flight, dirty: when an fsync begins, writes of its device let go and not completed, and bytes completed that no fsync covered.',
    ],
    [
      has('read in') || has('write in'),
      'in queue: from the submission, or where a gate let it go, until a worker began it.',
    ],
    [
      has('behind'),
      'behind: share of the time in queues in which the worker was inside a call for another device, or another cgroup.',
    ],
    [
      has('read p99'),
      'by flush, alone: reads that found a FLUSH of another job outstanding when they began, on whatever device, and those that found none.',
    ],
    [
      has('no free'),
      'no free tag: share of the measured time in which a submitter waited for a tag; at depth 1 that is its operation.',
    ],
    [
      has('io-wq/'),
      "io-wq/IO: operations that io_uring left to the kernel's own threads, for each operation.",
    ],
  ];
  return lines.filter(([when]) => when).map(([, text]) => text);
}
