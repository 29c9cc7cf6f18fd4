/**
 * One line per trial, for spreadsheets, R and pandas. Numbers are as they were measured; a field is empty where there is nothing to tell.
 *
 * Source: RFC 4180.
 */
import { CONTRACTS } from '../../ordering/contracts.ts';
import { ALL_METRICS } from '../sample.ts';
import { csvField } from './csv-field.ts';
import type { ExportTrial, Format } from './format.ts';

type Field = string | number | boolean | undefined;

/** Columns in order, each with where it comes from. */
const COLUMNS: [name: string, of: (trial: ExportTrial) => Field][] = [
  ...fields(['run', 'started', 'revision'], ({ record }, name) => record[name]),
  ...fields(['hostname', 'kernel', 'cpuModel', 'fileSystem'], ({ record }, name) => record.host[name]),
  ...fields(
    ['workload', 'direct', 'backend', 'design', 'reference', 'round', 'position', 'seed'],
    ({ record }, name) => record[name],
  ),
  ...fields(
    ['seconds', 'reads', 'writes', 'flushes', 'fsyncs', 'operations', 'bytes'],
    ({ record }, name) => record.metrics[name],
  ),
  ...ALL_METRICS.map(({ name, unit }): [string, (trial: ExportTrial) => Field] => [
    `${name}${unit === 'ns' ? '_ns' : ''}`,
    ({ values }) => values[name],
  ]),
  ...fields(
    [
      'cpuSystemUs',
      'cpuTasksUs',
      'switchesSystem',
      'switchesTasks',
      'submitters',
      'workers',
      'ioWqThreads',
      'ioWqPunts',
      'punts',
      'blocked',
      'cut',
    ],
    ({ record }, name) => record.metrics[name],
  ),
  ['inFlight_mean', ({ record }) => record.waits?.inFlight?.mean],
  ['dirtyBytes_mean', ({ record }) => record.waits?.dirtyBytes?.mean],
  ['queued_ns', ({ record }) => record.waits?.headOfLine?.queued],
  ['behindDevice_ns', ({ record }) => record.waits?.headOfLine?.device],
  ['behindCgroup_ns', ({ record }) => record.waits?.headOfLine?.cgroup],
  ...CONTRACTS.flatMap((contract) =>
    (['proved', 'unproved', 'lost'] as const).map((what): [string, (trial: ExportTrial) => Field] => [
      `${contract}_${what}`,
      ({ record }) => record.verdicts[contract][what],
    ]),
  ),
];

function fields<N extends string>(
  names: readonly N[],
  of: (trial: ExportTrial, name: N) => Field,
): [string, (trial: ExportTrial) => Field][] {
  return names.map((name) => [name, (trial) => of(trial, name)]);
}

export const CSV: Format = {
  name: 'csv',
  summary: 'one line per trial: figures, costs and counts of verdicts',
  write({ trials }) {
    const lines = trials.map((trial) => COLUMNS.map(([, of]) => csvField(of(trial))).join(','));
    return `${[COLUMNS.map(([name]) => name).join(','), ...lines].join('\n')}\n`;
  },
};
