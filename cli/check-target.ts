/** `loopwq check --target kernel-loop`: the same questions put to the real /dev/loopN of this kernel. */
import { type Ext4Report, runExt4, whyNoExt4 } from '../benchmarks/kernel/ext4.ts';
import { type ShortWriteReport, shortWrites } from '../benchmarks/kernel/short-write.ts';
import type { ReflinkSystem } from '../benchmarks/snapshots/run.ts';
import { unknownName } from '../datasets/errors.ts';
import { MachineError } from '../engine/errors.ts';
import type { CheckMode } from './check.ts';
import { systemsOf } from './check-snapshots.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, whole } from './options.ts';
import { openProgress, type Progress } from './progress.ts';
import { folderAt } from './run-options.ts';
import { untilSignal } from './signals.ts';
import { grid } from './table.ts';
import type { Cell, Column } from './table-cells.ts';
import { count, item, type Page, painter } from './table-text.ts';

const OPTIONS = {
  target: { type: 'string' },
  snapshots: { type: 'string' },
  fs: { type: 'string' },
  seed: { type: 'string' },
  dir: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  'no-color': { type: 'boolean' },
} as const;

const TARGETS = ['kernel-loop'];
const SNAPSHOTS = 20;
const MOST = 10_000;
const WIDTH = 160;

export const CHECK_TARGET: CheckMode = {
  help: `  --target kernel-loop
                     this kernel's loop driver, as root: ext4 on it while its backing file is cloned, where each clone has to hold what
                     was fsynced; and what it acknowledges when the file system below is full
    --snapshots N    clones of each row (${SNAPSHOTS})
    --fs LIST        what the backing file lies on: btrfs, xfs (both; and ext4 where no clone is needed)
    --seed, --dir, --json, --quiet
`,
  takes: (args) => hasOption(args, 'target'),
  run: checkTarget,
};

type Ext4Row = Ext4Report & { fileSystem: ReflinkSystem; direct: boolean };

interface Found {
  ext4: Ext4Row[];
  shortWrites: ShortWriteReport[];
}

async function checkTarget(args: string[]): Promise<number> {
  const { values } = readOptions(args, OPTIONS, false);
  if (!TARGETS.includes(values.target ?? '')) throw unknownName('target', values.target ?? '', TARGETS);
  const snapshots = whole('snapshots', values.snapshots, SNAPSHOTS, 1, MOST);
  const seed = whole('seed', values.seed, 1, 0, 2 ** 31 - 1);
  const dir = folderAt(values.dir ?? process.cwd());
  const systems = systemsOf(values.fs);
  const reason = systems.map((system) => whyNoExt4(system)).find((it) => it !== undefined);
  if (reason !== undefined) throw new MachineError(`--target kernel-loop: ${reason}`);
  const stop = untilSignal();
  const progress = openProgress(values.quiet === true);
  try {
    const asked = {
      dir,
      systems,
      full: values.fs ? systems : [...systems, 'ext4' as const],
      snapshots,
      seed,
    };
    const found = await ask(asked, progress, stop.signal);
    progress.clear();
    const color = values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR;
    const page: Page = { width: WIDTH, paint: painter(color) };
    process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : render(found, page));
    if (stop.signal.aborted) return EXIT.interrupted;
    return isBroken(found) ? EXIT.violated : EXIT.fine;
  } finally {
    progress.clear();
    stop.forget();
  }
}

interface Asked {
  dir: string;
  systems: ReflinkSystem[];
  full: ShortWriteReport['fileSystem'][];
  snapshots: number;
  seed: number;
}

async function ask(
  { dir, systems, full, snapshots, seed }: Asked,
  progress: Progress,
  signal: AbortSignal,
): Promise<Found> {
  const found: Found = { ext4: [], shortWrites: [] };
  for (const direct of [false, true]) {
    for (const fileSystem of systems) {
      if (signal.aborted) return found;
      progress.say(`ext4 on a loop device over ${fileSystem}, ${modeOf(direct)}`);
      const report = await runExt4({ dir, fileSystem, direct, snapshots, seed, waits: true }, signal);
      found.ext4.push({ fileSystem, direct, ...report });
    }
  }
  for (const direct of [false, true]) {
    for (const fileSystem of full) {
      if (signal.aborted) return found;
      progress.say(`a loop device over a full ${fileSystem}, ${modeOf(direct)}`);
      found.shortWrites.push(await shortWrites(dir, fileSystem, direct));
    }
  }
  return found;
}

function isBroken({ ext4, shortWrites }: Found): boolean {
  const faults = ext4.map(({ unmountable, unclean, wrong }) => unmountable + unclean + wrong);
  return [...faults, ...shortWrites.map(({ absent }) => absent)].some((fault) => fault > 0);
}

function modeOf(direct: boolean): string {
  return direct ? 'direct' : 'buffered';
}

function render({ ext4, shortWrites }: Found, page: Page): string {
  const lines = [
    page.paint('ext4 on /dev/loopN: clones of its backing file, each as a disk after a crash', 'bold'),
    ...grid(ext4Columns(ext4), page),
    '',
    page.paint('/dev/loopN over a full file system: what was acknowledged, and is there', 'bold'),
    ...grid(shortWriteColumns(shortWrites), page),
    '',
  ];
  for (const { fileSystem, direct, complaint, finding } of ext4) {
    for (const text of [complaint, finding]) {
      if (text === undefined) continue;
      lines.push(...item('VIOLATION', `ext4 over ${fileSystem}, ${modeOf(direct)}: ${text}`, page, 'red'));
    }
  }
  for (const report of shortWrites) {
    if (report.absent > 0) lines.push(...item('VIOLATION', tell(report), page, 'red'));
  }
  if (!isBroken({ ext4, shortWrites })) lines.push('Everything that was acknowledged as durable was there.');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function tell({
  fileSystem,
  direct,
  acknowledged,
  refused,
  flushed,
  absent,
  at,
  request,
}: ShortWriteReport): string {
  return (
    `over ${fileSystem}, ${modeOf(direct)}: ${acknowledged / request} WRITEs of ${request} B were acknowledged as whole` +
    `${refused === undefined ? '' : `, the next one got ${refused}`}, and the FLUSH after them returned ${flushed}; ` +
    `${absent} B from ${at} on are not in the backing file: a short write was completed as a whole one.`
  );
}

function column<T>(
  head: string,
  align: Column['align'],
  rows: readonly T[],
  of: (row: T) => Cell | string,
): Column {
  const cells = rows.map((row) => {
    const cell = of(row);
    return typeof cell === 'string' ? { text: cell } : cell;
  });
  return { head, align, cells };
}

function ext4Columns(rows: readonly Ext4Row[]): Column[] {
  const kept = (bad: number, taken: number): Cell =>
    bad > 0 ? { text: `${bad} of ${taken} NOT`, style: 'red' } : { text: `all ${taken}`, style: 'green' };
  return [
    column('backing file on', 'left', rows, ({ fileSystem, direct }) => `${fileSystem}, ${modeOf(direct)}`),
    column('steps\nfsynced', 'right', rows, ({ durable }) => count(durable)),
    column('journal\nreplayed', 'left', rows, ({ unmountable, taken }) => kept(unmountable, taken)),
    column('e2fsck -fn\nclean', 'left', rows, ({ unclean, unmountable, taken }) =>
      kept(unclean, taken - unmountable),
    ),
    column('what was fsynced\nis there', 'left', rows, ({ wrong, unmountable, taken }) =>
      kept(wrong, taken - unmountable),
    ),
  ];
}

function shortWriteColumns(rows: readonly ShortWriteReport[]): Column[] {
  return [
    column('backing file on', 'left', rows, ({ fileSystem, direct }) => `${fileSystem}, ${modeOf(direct)}`),
    column('acknowledged', 'right', rows, ({ acknowledged }) => `${acknowledged} B`),
    column('then', 'left', rows, ({ refused }) => refused ?? 'all of it'),
    column('FLUSH', 'left', rows, ({ flushed }) => flushed),
    column('absent', 'right', rows, ({ absent }) =>
      absent > 0 ? { text: `${absent} B`, style: 'red' } : { text: '0 B', style: 'green' },
    ),
  ];
}
