/**
 * What an A/A run found, kept under `.loopwq/aa` of the current directory, one file for each host: later comparisons on it take their threshold
 * from there. It has the values of every round, since what a machine can tell depends on how many rounds a comparison has.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { InputError } from './errors.ts';
import { METRICS, type MetricName, type Sample } from './sample.ts';
import type { Host } from './schema.ts';

export const AA_SCHEMA = 'loopwq.aa';
export const AA_VERSION = 1;
const FOLDER = join('.loopwq', 'aa');

export interface AaCell extends Pick<Sample, 'workload' | 'direct' | 'backend' | 'design'> {
  metric: MetricName;
  /** Of a trial; absent where its jobs end by count. */
  seconds?: number | undefined;
  /** By round: the design, and the design once more. */
  base: number[];
  other: number[];
}

export interface AaFile {
  schema: typeof AA_SCHEMA;
  version: typeof AA_VERSION;
  /** ISO 8601, UTC. */
  made: string;
  host: Host;
  cells: AaCell[];
}

function pathOf(hostname: string, root: string): string {
  // A host may be called anything.
  return join(root, `${hostname.replace(/[^\w.-]/g, '_').replace(/^\./, '_')}.json`);
}

/** Takes the place of what was found on that host before. Returns the path. */
export function writeAa(file: AaFile, root = FOLDER): string {
  const path = pathOf(file.host.hostname, root);
  fs.mkdirSync(root, { recursive: true });
  fs.writeFileSync(`${path}.new`, `${JSON.stringify(file)}\n`, { flush: true });
  fs.renameSync(`${path}.new`, path);
  return path;
}

/**
 * Undefined where no A/A run was made on that host.
 *
 * @throws InputError when the file can't be read, or is none of a known version
 */
export function readAa(hostname: string, root = FOLDER): AaFile | undefined {
  const path = pathOf(hostname, root);
  if (!fs.existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InputError(`${path}: can't be read: ${(cause as Error).message}. loopwq aa makes it anew`, {
      cause,
    });
  }
  const problem = wrongField(value);
  if (problem !== undefined) throw new InputError(`${path}: ${problem}. loopwq aa makes it anew`);
  return value as AaFile;
}

function wrongField(value: unknown): string | undefined {
  const { schema, version, made, host, cells } = Object(value) as Record<string, unknown>;
  if (schema !== AA_SCHEMA) return `no ${AA_SCHEMA} file`;
  if (version !== AA_VERSION) return `version ${version}, this loopwq reads ${AA_VERSION}`;
  if (typeof made !== 'string' || Number.isNaN(Date.parse(made))) return 'made is no date';
  if (typeof host !== 'object' || host === null) return 'host is no object';
  if (!Array.isArray(cells)) return 'cells is no list';
  const broken = cells.findIndex((cell) => !isCell(Object(cell)));
  return broken < 0 ? undefined : `cells[${broken}] is none with a metric and as many values on both sides`;
}

function isCell({ workload, metric, base, other }: Record<string, unknown>): boolean {
  return (
    typeof workload === 'string' &&
    METRICS.some(({ name }) => name === metric) &&
    isValues(base) &&
    isValues(other) &&
    base.length === other.length
  );
}

function isValues(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 1 && value.every((it) => Number.isFinite(it) && it > 0);
}
