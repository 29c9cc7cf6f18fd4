/** `loopwq check --snapshots N`: clones of the backing files while designs run, held to the contracts. */
import {
  brokenClaims,
  REFLINK_SYSTEMS,
  type ReflinkSystem,
  runSnapshots,
  SNAPSHOT_CONTRACTS,
  type SnapshotRow,
  whyNoDisk,
} from '../benchmarks/snapshots/run.ts';
import { unknownName } from '../datasets/errors.ts';
import { readHost } from '../datasets/host.ts';
import { MachineError } from '../engine/errors.ts';
import type { SnapshotContract } from '../ordering/snapshot/check.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, takeOptions, whole } from './options.ts';
import { openProgress } from './progress.ts';
import { list, readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';
import { grid } from './table.ts';
import { type Column, verdictCell } from './table-cells.ts';
import { breakName, item, type Page, painter, plural } from './table-text.ts';

const OPTIONS = { snapshots: { type: 'string' }, fs: { type: 'string' } } as const;
const MOST = 10_000;
const WIDTH = 160;
const WORKLOAD = 'snapshots';

export const CHECK_SNAPSHOTS: CheckMode = {
  help: `  --snapshots N      clones the backing file N times while each design runs, as 'cp --reflink' does, and holds each image to the
                     rules; the file systems are made in the run's folder, which needs root
    --fs LIST        btrfs, xfs (both)
    [JOB.fio ...], --workloads: default ${WORKLOAD}
    --designs, --backend, --topology, --seed, --dir, --json, --quiet: as 'loopwq run'
`,
  takes: (args) => hasOption(args, 'snapshots'),
  run: checkSnapshots,
};

async function checkSnapshots(args: string[]): Promise<number> {
  const { own, rest } = takeOptions(args, OPTIONS);
  const { values } = readOptions(own, OPTIONS, false);
  const wanted = whole('snapshots', values.snapshots, 20, 1, MOST);
  const systems = systemsOf(values.fs);
  const host = readHost(process.cwd());
  const { plan, quiet, json, color } = readRunOptions(withWorkload(rest), host);
  for (const system of systems) {
    const reason = whyNoDisk(system);
    if (reason !== undefined) throw new MachineError(`snapshots on ${system}: ${reason}`);
  }
  const stop = untilSignal();
  const progress = openProgress(quiet);
  const rows: SnapshotRow[] = [];
  const refused: string[] = [];
  /** A design that gets no further has no snapshots, and has broken what it claims all the same. */
  let stalled = false;
  try {
    const end = await runSnapshots(
      plan,
      systems,
      wanted,
      host,
      {
        progress: (text) => progress.say(text),
        row: (row) => rows.push(row),
        refused: (fileSystem, { design, workload, skipped, failure, claims, verdicts }) => {
          refused.push(`${design} on ${fileSystem}, ${workload}: ${skipped ?? failure}`);
          stalled ||= claims.includes('progress') && verdicts.progress.lost > 0;
        },
      },
      stop.signal,
    );
    progress.clear();
    process.stdout.write(json ? `${JSON.stringify(rows.map(asJson))}\n` : render(rows, refused, color));
    if (end.interrupted) return EXIT.interrupted;
    if (end.failed !== undefined) throw new MachineError(`the run ended early. ${end.failed}`);
    return stalled || rows.some((row) => brokenClaims(row).length > 0) ? EXIT.violated : EXIT.fine;
  } finally {
    progress.clear();
    stop.forget();
  }
}

/** Without a word about workloads: the one that is made for this. */
function withWorkload(words: readonly string[]): string[] {
  const named = hasOption(words, 'workloads') || words.some((word) => word.endsWith('.fio'));
  return named ? [...words] : ['--workloads', WORKLOAD, ...words];
}

/** The file systems that `--fs` names, or all. */
export function systemsOf(text: string | undefined): ReflinkSystem[] {
  const names = list('fs', text) ?? REFLINK_SYSTEMS;
  return names.map((name) => {
    const found = REFLINK_SYSTEMS.find((known) => known === name);
    if (found === undefined) throw unknownName('file system', name, REFLINK_SYSTEMS);
    return found;
  });
}

function asJson({ fileSystem, record, taken, wanted, verdicts }: SnapshotRow): object {
  const { design, claims, reference, workload, direct, backend } = record;
  return { fileSystem, design, claims, reference, workload, direct, backend, wanted, taken, verdicts };
}

function render(rows: readonly SnapshotRow[], refused: readonly string[], color: boolean): string {
  const page: Page = { width: WIDTH, paint: painter(color) };
  const lines = [...new Set(rows.map(titleOf))].flatMap((title) => [
    page.paint(title, 'bold'),
    ...grid(columnsOf(rows.filter((row) => titleOf(row) === title)), page),
    '',
  ]);
  lines.push(...tellings(rows, page), ...refused.flatMap((text) => item('left out', text, page, 'dim')));
  const taken = rows.reduce((sum, row) => sum + row.taken, 0);
  const broken = rows.reduce((sum, row) => sum + brokenClaims(row).length, 0);
  lines.push(
    '',
    `${plural(taken, 'snapshot')} of ${plural(rows.length, 'row')}, ${plural(broken, 'broken claim')}. *: the design claims it. ` +
      'proved n: images in which something had to be, and was.',
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function titleOf({ fileSystem, record }: SnapshotRow): string {
  return `${record.workload} on ${fileSystem}, ${record.direct ? 'direct' : 'buffered'}`;
}

function columnsOf(rows: readonly SnapshotRow[]): Column[] {
  return [
    { head: 'design', align: 'left', cells: rows.map(({ record }) => ({ text: breakName(record.design) })) },
    {
      head: 'snapshots',
      align: 'right',
      cells: rows.map(({ taken, wanted }) => ({
        text: taken < wanted ? `${taken} of ${wanted}` : `${taken}`,
      })),
    },
    ...SNAPSHOT_CONTRACTS.map(
      (contract): Column => ({
        head: contract,
        align: 'left',
        cells: rows.map(({ record, verdicts }) =>
          verdictCell(verdicts[contract], record.claims.includes(contract)),
        ),
      }),
    ),
  ];
}

/** Every broken claim; of what nobody claimed, the first row of each contract. */
function tellings(rows: readonly SnapshotRow[], page: Page): string[] {
  const lines: string[] = [];
  const tell = (label: string, row: SnapshotRow, contract: SnapshotContract): void => {
    const text = `${row.record.design}, ${titleOf(row)}, ${contract}: ${row.verdicts[contract].witness?.sentence ?? ''}`;
    lines.push(...item(label, text, page, label === 'finding' ? 'yellow' : 'red'));
  };
  for (const row of rows) for (const contract of brokenClaims(row)) tell('VIOLATION', row, contract);
  for (const contract of SNAPSHOT_CONTRACTS) {
    const found = rows.filter(
      ({ record, verdicts }) => verdicts[contract].lost > 0 && !record.claims.includes(contract),
    );
    const first = found.find((row) => row.verdicts[contract].witness?.crossesQueues) ?? found[0];
    if (first) tell('finding', first, contract);
  }
  return lines;
}
