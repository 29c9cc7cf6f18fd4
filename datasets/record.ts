/** Checks that a value which came from a file is a `TrialRecord`, so that nobody behind the reader has to. */
import { CONTRACTS, type Verdict, type Witness, type WitnessOperation } from '../ordering/contracts.ts';
import {
  type LatencyGrid,
  type LatencyRecord,
  type Load,
  type Replaced,
  SCHEMA,
  SCHEMA_VERSION,
  type Series,
  type TrialRecord,
  type Waits,
} from './schema.ts';

/** Undefined when the value is right, else what is wrong, beginning with the path of the field. */
type Check = (value: unknown, path: string) => string | undefined;

const number: Check = (value, path) => (Number.isFinite(value) ? undefined : `${path} is no finite number`);
const count: Check = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path} is no whole number from 0`;
const positive: Check = (value, path) =>
  Number.isFinite(value) && (value as number) > 0 ? undefined : `${path} is no number above 0`;
const text: Check = (value, path) => (typeof value === 'string' ? undefined : `${path} is no string`);
const flag: Check = (value, path) =>
  typeof value === 'boolean' ? undefined : `${path} is neither true nor false`;
const numberOrText: Check = (value, path) => (typeof value === 'string' ? undefined : number(value, path));
const date: Check = (value, path) =>
  text(value, path) ??
  (Number.isNaN(Date.parse(value as string)) ? `${path} is no ISO 8601 date` : undefined);

const optional =
  (check: Check): Check =>
  (value, path) =>
    value === undefined ? undefined : check(value, path);

const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, path) =>
    allowed.includes(value) ? undefined : `${path} is none of ${allowed.join(', ')}`;

const list =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return `${path} is no list`;
    return first(value.map((item, i) => check(item, `${path}[${i}]`)));
  };

/** The type makes the compiler ask for a check of every field that the schema has or will get. */
const fields =
  <T>(checks: { [K in keyof Required<T>]: Check }): Check =>
  (value, path) => {
    if (!isObject(value)) return `${path || 'the record'} is no object`;
    const names = Object.keys(checks) as (keyof T & string)[];
    return first(names.map((name) => checks[name](value[name], path ? `${path}.${name}` : name)));
  };

const map =
  (check: Check): Check =>
  (value, path) =>
    isObject(value)
      ? first(Object.entries(value).map(([name, item]) => check(item, `${path}.${name}`)))
      : `${path} is no object`;

const latency = optional(
  fields<LatencyRecord>({ n: count, min: number, max: number, mean: number, histogram: text }),
);
const waits = fields<Waits>({
  gate: latency,
  device: latency,
  settle: latency,
  queue: fields<Waits['queue']>({ read: latency, write: latency, flush: latency }),
  inFlight: latency,
  dirtyBytes: latency,
  readsBeside: latency,
  readsAlone: latency,
  headOfLine: optional(
    fields<NonNullable<Waits['headOfLine']>>({
      queued: count,
      device: optional(count),
      cgroup: optional(count),
    }),
  ),
});
const operation = fields<WitnessOperation>({
  kind: text,
  submitter: count,
  queue: optional(count),
  worker: optional(count),
  unit: count,
  units: count,
  sb: number,
  se: optional(number),
  st: optional(number),
  co: optional(number),
  ak: optional(number),
});
const verdict = fields<Verdict>({
  proved: count,
  unproved: count,
  lost: count,
  notExercised: count,
  witness: optional(
    fields<Witness>({
      sentence: text,
      rows: list(count),
      crossesQueues: flag,
      operations: optional(list(operation)),
    }),
  ),
});

const record = fields<TrialRecord>({
  schema: oneOf(SCHEMA),
  version: oneOf(SCHEMA_VERSION),
  run: text,
  round: count,
  position: count,
  design: text,
  reference: flag,
  parameters: map(numberOrText),
  claims: list(oneOf(...CONTRACTS)),
  workload: text,
  direct: flag,
  backend: oneOf('uring', 'sync', 'null'),
  topology: fields<TrialRecord['topology']>({ sockets: count, cpus: count, virtual: flag }),
  seed: number,
  host: fields<TrialRecord['host']>({
    hostname: text,
    kernel: text,
    cpuModel: text,
    cores: count,
    sockets: count,
    memoryBytes: count,
    node: text,
    loopwq: text,
    fileSystem: text,
    clockSource: text,
  }),
  settings: fields<TrialRecord['settings']>({
    spin: number,
    pinned: flag,
    recording: flag,
    replaceMs: optional(count),
    stacked: optional(flag),
  }),
  started: date,
  revision: optional(text),
  load: optional(
    fields<Load>({ submitters: count, depth: count, rate: optional(number), seconds: optional(number) }),
  ),
  metrics: fields<TrialRecord['metrics']>({
    seconds: number,
    reads: count,
    writes: count,
    flushes: count,
    fsyncs: count,
    operations: count,
    iops: number,
    bytes: count,
    cpuSystemUs: number,
    cpuTasksUs: number,
    switchesSystem: number,
    switchesTasks: number,
    ioWqThreads: count,
    ioWqPunts: optional(count),
    blocked: optional(number),
    submitters: count,
    workers: count,
    punts: optional(count),
    cut: flag,
  }),
  latency: fields<TrialRecord['latency']>({ read: latency, write: latency, flush: latency }),
  waits: optional(waits),
  grid: optional(
    fields<LatencyGrid>({
      kind: oneOf('read', 'write', 'flush'),
      columnMs: positive,
      low: count,
      counts: list(list(count)),
    }),
  ),
  replaced: optional(fields<Replaced>({ devices: count, refused: count, grace: latency })),
  verdicts: fields<TrialRecord['verdicts']>({
    integrity: verdict,
    completed: verdict,
    submitted: verdict,
    barrier: verdict,
    dependent: verdict,
    progress: verdict,
  }),
  series: optional(
    fields<Series>({ seconds: number, operations: list(count), warmUp: number, steady: optional(flag) }),
  ),
  skipped: optional(text),
  failure: optional(text),
});

/** What keeps a value from being a TrialRecord, told by its first wrong field; undefined when it is one. */
export function wrongField(value: unknown): string | undefined {
  if (!isObject(value) || value.schema !== SCHEMA) return `no ${SCHEMA} record`;
  const { version } = value;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    return `written by a newer loopwq (schema version ${version}, this one reads ${SCHEMA_VERSION})`;
  }
  return record(value, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(problems: (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
