/** `loopwq check --log-writes FILE`: one trial of one design, and the writes of one device as dm-log-writes would have logged them. */
import { randomUUID } from 'node:crypto';
import { type LoggedWrites, logWrites, MOST_LOG_BYTES } from '../benchmarks/log-writes.ts';
import { runPlan, titleOf } from '../benchmarks/runner.ts';
import { InputError } from '../datasets/errors.ts';
import { createLog } from '../datasets/formats/dm-log-writes.ts';
import { readHost } from '../datasets/host.ts';
import { MachineError } from '../engine/errors.ts';
import type { CheckMode } from './check.ts';
import { EXIT } from './exit.ts';
import { hasOption, readOptions, takeOptions, whole } from './options.ts';
import { openProgress } from './progress.ts';
import { readRunOptions } from './run-options.ts';
import { untilSignal } from './signals.ts';

const OPTIONS = { 'log-writes': { type: 'string' }, device: { type: 'string' } } as const;
const WORKLOAD = 'jbd2';
const DESIGN = 'n-wq:4';
const MOST_DEVICES = 65_535;

export const CHECK_LOG_WRITES: CheckMode = {
  help: `  --log-writes FILE  one trial of one design, whose writes and fsyncs of a device's file are logged to FILE as dm-log-writes does;
                     xfstests' 'replay-log --log FILE --replay DEVICE' replays them. FILE is new and has at most ${MOST_LOG_BYTES / 2 ** 30} GiB.
                     The mark 'start' ends what the file held before. Not for dm-crypt
    --device N       whose file (0)
    [JOB.fio], --workloads, --designs: one each (${WORKLOAD}, ${DESIGN}); --backend, --topology, --seed, --dir, --quiet as 'loopwq run'
`,
  takes: (args) => hasOption(args, 'log-writes'),
  run: checkLogWrites,
};

async function checkLogWrites(args: string[]): Promise<number> {
  const { own, rest } = takeOptions(args, OPTIONS);
  const { values } = readOptions(own, OPTIONS, false);
  const path = values['log-writes']!;
  const device = whole('device', values.device, 0, 0, MOST_DEVICES);
  const named = hasOption(rest, 'workloads') || rest.some((word) => word.endsWith('.fio'));
  const words = [
    ...(named ? [] : ['--workloads', WORKLOAD]),
    ...(hasOption(rest, 'designs') ? [] : ['--designs', DESIGN]),
  ];
  const { plan, quiet } = readRunOptions(
    ['--quick', '--rounds', '1', ...words, ...rest],
    readHost(process.cwd()),
  );
  plan.designs = plan.designs.filter(({ crew }) => crew !== undefined);
  const [design] = plan.designs;
  const [cell] = plan.cells;
  if (plan.designs.length !== 1 || plan.cells.some(({ workload }) => workload.name !== cell!.workload.name)) {
    throw new InputError('--log-writes logs one design on one workload; a reference row is no design');
  }
  if (plan.stacked || plan.replaceMs !== undefined) {
    throw new InputError('--log-writes logs one file per device: not with --stacked or --replace');
  }
  if (cell!.backend === 'null') throw new InputError('the null backend writes nothing that could be logged');
  // Where it could be direct and buffered, the first is as good as the other.
  plan.cells.length = 1;
  plan.rounds = 1;
  const stop = untilSignal();
  const log = createLog(path, MOST_LOG_BYTES);
  // On a second Ctrl-C too, which waits for nothing.
  process.on('exit', log.drop);
  const progress = openProgress(quiet);
  let told: LoggedWrites | undefined;
  let why: string | undefined;
  try {
    const end = await runPlan(
      plan,
      randomUUID(),
      readHost(plan.dir),
      {
        progress: (text) => progress.say(text),
        trial: (record) => {
          why ??= record.failure ?? record.skipped;
        },
        beside: logWrites(log, device, (logged) => {
          told = logged;
        }),
      },
      stop.signal,
    );
    if (end.interrupted) return EXIT.interrupted;
    if (told === undefined) throw new MachineError(`there is no whole trial to log. ${end.failed ?? why}`);
    log.close();
    progress.clear();
    process.stdout.write(
      `${design!.name}, ${titleOf(cell!)}, device ${device}: ${told.logged} of ${told.of} entries, ${told.flushes} of them flushes` +
        `${told.logged < told.of ? ` (the file has its ${MOST_LOG_BYTES / 2 ** 30} GiB)` : ''}.\n` +
        `${path}: ${log.entries} entries with what the file held before, ${(log.bytes / 2 ** 20).toFixed(1)} MiB. ` +
        `Replay: replay-log --log ${path} --replay DEVICE\n`,
    );
    return EXIT.fine;
  } finally {
    progress.clear();
    stop.forget();
    process.off('exit', log.drop);
    if (told === undefined) log.drop();
  }
}
