/** The words after `loopwq run` to a run plan. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RENEW_AFTER } from '../benchmarks/crews.ts';
import { CATALOGUE, STANDARD_DESIGNS } from '../benchmarks/designs.ts';
import { type Cell, crewSizes, MAX_THREADS, type RunPlan } from '../benchmarks/plan.ts';
import { requireUsable } from '../benchmarks/requirements.ts';
import { besideRevision, type Revision } from '../benchmarks/revisions/revision.ts';
import { defaultTopology, parseTopology } from '../benchmarks/topology.ts';
import { withWarmUp } from '../benchmarks/warm-up.ts';
import { requireBaselineName } from '../datasets/baselines.ts';
import { InputError, unknownName } from '../datasets/errors.ts';
import { isOwnFile } from '../datasets/fio.ts';
import { MAX_FILES } from '../datasets/fio-keys.ts';
import { withDevices } from '../datasets/many-devices.ts';
import type { BackendName, Host } from '../datasets/schema.ts';
import type { Workload } from '../datasets/workload.ts';
import { loadWorkload } from '../datasets/workloads.ts';
import { MachineError } from '../engine/errors.ts';
import { chosenDesigns } from './chosen-designs.ts';
import { percent, readOptions, whole } from './options.ts';
import { readRounds } from './run-sampling.ts';

const ROUNDS = 5;
/** With so many a gate finds a slowdown of 10 % in 91 of 100 cases on the null backend, with 8 in 43 (docs/decisions/0026). */
const GATE_ROUNDS = 24;

export const RUN_HELP = `loopwq run [options] [JOB.fio ...]

Runs queue designs over workloads and prints one table per workload, direct or buffered. Without a job file:
the standard comparison, flush-heavy and mixed. A job that does not say direct= runs both ways.

  --designs LIST     [front>]strategy[:parameter][+flush][+order], by commas, or all; the ratios are to the first. Default:
                     ${STANDARD_DESIGNS.slice(0, 4).join(',')},
                     ${STANDARD_DESIGNS.slice(4).join(',')}
  --design FILE      a strategy or policy of your own (see examples/); may be repeated. --designs names it like the others,
                     and a strategy that it does not name runs as well
  --workloads LIST   names of the library or paths of job files, by commas
  --backend NAME     uring (the direct cells alone), sync (the buffered ones alone) or null (no I/O)
  --topology SxC     sockets x CPUs per socket that the submitters play, as in 2x4
  --rounds N         trials of every design and cell, 1 to 1000 (${ROUNDS}; in a gate ${GATE_ROUNDS})
  --until WIDTH%     rounds until every ratio is known within ±WIDTH, with looks fixed beforehand
  --max-rounds N     the cap of --until (40)
  --seed N           of offsets and of the shuffled order (1)
  --steady           timed jobs warm up until their rate is steady over 5 windows
  --devices LIST     numbers of devices, by commas, 1 to 1024: each workload runs once on so many, which share its bytes
  --replace MS       replaces devices under load: each in turn is detached and gets a new file with the same data, MS
                     milliseconds after the last one. What finds its device detached ends with ENODEV
  --stacked          each device lies on another one of the same design, whose worker waits for it: buffered cells alone.
                     Of kernel-loop too: a loop device over a loop device
  --quick            2 rounds, trials of at most 60 ms
  --dir FOLDER       where the run's folder for backing files is made (the current one)
  --overwrite PATH   a file or device that exists, which a job may write to; may be repeated
  --out FOLDER       where the results go (results/TIME)
  --resume FOLDER    goes on with a run that was interrupted, with its own words
  --strict           exit 3 when a claim was not exercised, or an answer is inconclusive
  --waits            also prints where operations waited: gate, queue and call of flushes, queues, neighbours
  --json             the tables as JSON on stdout
  --no-color, --quiet

Gates exit 1 when IOPS or the latency of flushes is worse beyond the threshold, or a claim fails that held; rounds that nobody asked for
are more than ${GATE_ROUNDS} where the gate needs more, and new threads begin after every ${RENEW_AFTER} of them.

  --save-baseline NAME   keep the results as .loopwq/baselines/NAME, in the place of what has that name
  --baseline NAME        compare with that one; what is worse is run again, and counts when it is worse then, too. Refused where
                         more than the kernel's release differs
  --against REV          the strategies of another git revision in this run, as n-wq:4@REV, rounds shuffled together
  --threshold PERCENT    the least change that matters (what loopwq aa found here, else 5)
  --cross-host           --baseline compares what was measured on another machine or with other settings, and says so
`;

export const RUN_OPTIONS = {
  designs: { type: 'string' },
  workloads: { type: 'string' },
  backend: { type: 'string' },
  topology: { type: 'string' },
  rounds: { type: 'string' },
  until: { type: 'string' },
  'max-rounds': { type: 'string' },
  seed: { type: 'string' },
  steady: { type: 'boolean' },
  devices: { type: 'string' },
  replace: { type: 'string' },
  stacked: { type: 'boolean' },
  quick: { type: 'boolean' },
  dir: { type: 'string' },
  overwrite: { type: 'string', multiple: true },
  design: { type: 'string', multiple: true },
  out: { type: 'string' },
  resume: { type: 'string' },
  'save-baseline': { type: 'string' },
  baseline: { type: 'string' },
  against: { type: 'string' },
  threshold: { type: 'string' },
  'cross-host': { type: 'boolean' },
  strict: { type: 'boolean' },
  waits: { type: 'boolean' },
  json: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

const STANDARD_WORKLOADS = ['flush-heavy', 'mixed'];
const BACKENDS: readonly BackendName[] = ['uring', 'sync', 'null'];
const QUICK = { rounds: 2, seconds: 0.06 };
/** Far beyond any fsync that ends at all: the slowest seen on a busy disk took 14 ms. */
const DEADLINE_SECONDS = 30;
/** Where a stall is what is asked about, and each design that stalls is waited for. */
const STACKED_DEADLINE_SECONDS = 5;

export interface RunChoices {
  plan: RunPlan;
  out: string | undefined;
  strict: boolean;
  waits: boolean;
  json: boolean;
  color: boolean;
  quiet: boolean;
  /** What `--design` names. */
  userFiles: string[];
  gate: GateChoices;
}

export interface GateChoices {
  baseline: string | undefined;
  saveBaseline: string | undefined;
  against: string | undefined;
  threshold: number | undefined;
  crossHost: boolean;
  /** Nobody said how many rounds: a gate takes as many as it needs. */
  anyRounds: boolean;
}

/** The files that `--design` names. */
export function userFiles(args: readonly string[]): string[] {
  return readOptions(args, RUN_OPTIONS, true).values.design ?? [];
}

/**
 * @param catalogue what `catalogueWith` made of the files that `--design` names
 * @param revision what `openRevision` made of the one that `--against` names; without it the designs of this tree alone
 * @throws InputError for anything that can't be meant
 */
export function readRunOptions(
  args: readonly string[],
  host: Host,
  catalogue = CATALOGUE,
  revision?: Pick<Revision, 'name' | 'commit' | 'catalogue'>,
): RunChoices {
  const { values, positionals } = readOptions(args, RUN_OPTIONS, true);
  const names = [...positionals, ...(list('workloads', values.workloads) ?? [])];
  const quick = values.quick === true;
  const stacked = values.stacked === true;
  if (stacked && values.backend === 'uring')
    throw new InputError(
      '--stacked is about workers that wait, and one with a ring does not: --backend sync or null',
    );
  if (stacked && values.replace !== undefined)
    throw new InputError('--stacked and --replace exclude each other');
  const counts = list('devices', values.devices)?.map((text) => whole('devices', text, 1, 1, MAX_FILES));
  const workloads = (names.length > 0 ? names : STANDARD_WORKLOADS).flatMap((name) => {
    const workload = loadWorkload(name);
    const timed = quick ? shortened(workload) : workload;
    const warm = values.steady ? withWarmUp(timed) : timed;
    return counts?.map((count) => withDevices(warm, count)) ?? [warm];
  });
  requireDistinct(
    'workload',
    workloads.map((w) => w.name),
  );
  const cells = workloads.flatMap((workload) =>
    cellsOf(workload, values.backend ?? (stacked ? 'sync' : undefined)),
  );
  const own = chosenDesigns(list('designs', values.designs), catalogue);
  requireDistinct(
    'design',
    own.map((d) => d.name),
  );
  const gate = gateOf(values);
  const isGate = [gate.baseline, gate.against, gate.saveBaseline].some((it) => it !== undefined);
  const designs = revision ? besideRevision(own, revision, catalogue.users) : own;
  const plan: RunPlan = {
    cells,
    designs,
    ...readRounds(values, quick ? QUICK.rounds : isGate ? GATE_ROUNDS : ROUNDS),
    seed: whole('seed', values.seed, 1, 0, 2 ** 31 - 1),
    topology: topologyOf(values.topology, host, Math.max(...workloads.map((w) => w.jobs.length))),
    dir: folderAt(values.dir ?? process.cwd()),
    // Names in job files are absolute where they are outside of the run's folder.
    overwrite: (values.overwrite ?? []).map((path) => resolve(path)),
    deadlineSeconds: stacked ? STACKED_DEADLINE_SECONDS : DEADLINE_SECONDS,
    ...(stacked ? { stacked } : {}),
    recording: true,
    punts: values.waits === true,
    ...(isGate ? { renewAfter: RENEW_AFTER } : {}),
    ...(values.replace === undefined ? {} : { replaceMs: replaceMs(values.replace, cells) }),
  };
  requireThreads(plan);
  requireUsable(plan);
  return {
    plan,
    out: values.out,
    strict: values.strict === true,
    waits: values.waits === true,
    json: values.json === true,
    color: values['no-color'] !== true && process.stdout.isTTY === true && !process.env.NO_COLOR,
    quiet: values.quiet === true,
    userFiles: values.design ?? [],
    gate,
  };
}

function gateOf(values: ReturnType<typeof readOptions<typeof RUN_OPTIONS>>['values']): GateChoices {
  const { baseline, against, threshold, rounds, until } = values;
  const [save, crossHost] = [values['save-baseline'], values['cross-host'] === true];
  if (baseline !== undefined && against !== undefined)
    throw new InputError('--baseline and --against are two gates: one at a time');
  if (threshold !== undefined && baseline === undefined && against === undefined)
    throw new InputError('--threshold is of a gate: say --baseline NAME or --against REV with it');
  if (crossHost && baseline === undefined)
    throw new InputError('--cross-host is of a gate: say --baseline NAME with it');
  if (save !== undefined) requireBaselineName('save-baseline', save);
  return {
    baseline,
    saveBaseline: save,
    against,
    threshold: percent('threshold', threshold),
    crossHost,
    anyRounds: rounds === undefined && until === undefined,
  };
}

/** The parts of a list by commas; undefined where the option was not given. */
export function list(option: string, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const parts = text.split(',').map((part) => part.trim());
  const given = parts.filter((part) => part !== '');
  if (given.length === 0) throw new InputError(`--${option} '${text}' names nothing`);
  return given;
}

function topologyOf(text: string | undefined, host: Host, submitters: number): RunPlan['topology'] {
  if (text === undefined) return defaultTopology(host.sockets, host.cores, submitters);
  const topology = parseTopology(text);
  // A socket has a worker of its own at least in some designs.
  if (topology.sockets > MAX_THREADS)
    throw new InputError(`--topology '${text}': ${MAX_THREADS} sockets at most`);
  return topology;
}

/** Throws InputError where there is none. */
export function folderAt(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new InputError(`--dir ${path}: there is no such folder`);
  if (!stat.isDirectory()) throw new InputError(`--dir ${path} is no folder`);
  return path;
}

/** Throws InputError where a cell has no file, one that is not the run's to replace, or a client, whose journal ends with its first error. */
function replaceMs(text: string, cells: readonly Cell[]): number {
  const every = whole('replace', text, 0, 1, 60_000);
  for (const { workload, backend } of cells) {
    if (backend === 'null') throw new InputError('--replace replaces files, and the null backend has none');
    const foreign = workload.files.find(({ name }) => !isOwnFile(name));
    if (foreign !== undefined)
      throw new InputError(`--replace: ${foreign.name} of ${workload.path} is not the run's own to replace`);
    const client = workload.jobs.find((job) => job.client !== undefined);
    if (client !== undefined)
      throw new InputError(
        `--replace: ${client.name} of ${workload.path} plays ${client.client}, and a journal ends with the first ENODEV`,
      );
  }
  return every;
}

/** The limit is the program's own, so asking for more is wrong usage. */
function requireThreads(plan: RunPlan): void {
  try {
    crewSizes(plan);
  } catch (error) {
    throw error instanceof MachineError ? new InputError(error.message) : error;
  }
}

function cellsOf(workload: Workload, backend: string | undefined): Cell[] {
  const wanted = backend as BackendName | undefined;
  if (wanted !== undefined && !BACKENDS.includes(wanted)) throw unknownName('backend', wanted, BACKENDS);
  if (wanted === 'null') return [{ workload, direct: false, backend: 'null' }];
  const cells: Cell[] = [
    { workload, direct: false, backend: 'sync' },
    { workload, direct: true, backend: 'uring' },
  ];
  const kept = cells.filter(
    (cell) => (workload.direct ?? cell.direct) === cell.direct && (wanted ?? cell.backend) === cell.backend,
  );
  if (kept.length === 0) {
    throw new InputError(
      `${workload.path}: direct=${workload.direct ? 1 : 0} does not go with --backend ${wanted}`,
    );
  }
  return kept;
}

function shortened(workload: Workload): Workload {
  const jobs = workload.jobs.map((job) => ({
    ...job,
    runtime: job.runtime > 0 ? Math.min(job.runtime, QUICK.seconds) : QUICK.seconds,
    ramp: 0,
  }));
  return { ...workload, jobs };
}

function requireDistinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new InputError(`${what} '${twice}' is named twice; each can run once in a run`);
}
