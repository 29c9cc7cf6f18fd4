import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { bufferBytes, tagsOf } from '../../benchmarks/plan.ts';
import { requireCpus } from '../../benchmarks/requirements.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import type { Workload } from '../../datasets/workload.ts';
import { allowedCpus } from '../../engine/accounting.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { mapMemory, pinTo } from '../../engine/libc.ts';
import { runTrial } from '../../engine/trial.ts';
import { finallyDo } from '../cli/program.ts';

function workload(name: string, ...lines: string[]): Workload {
  return parseJobFile(['[a]', 'size=64k', 'number_ios=4', ...lines].join('\n'), `${name}.fio`);
}

/** CPUs that the crew's submitter may run on, as the kernel has them. */
function allowed(crew: Crew): string {
  const { tid } = crew.members.find((member) => member.role === 'submitter')!;
  const status = readFileSync(`/proc/self/task/${tid}/status`, 'utf8');
  return /^Cpus_allowed_list:\s*(.*)$/m.exec(status)![1]!;
}

test('a submitter runs on the CPUs of its job, and for the next job again on those of the process', async (t) => {
  const all = allowedCpus();
  const [first, second] = all;
  if (second === undefined) return t.skip('this process may run on one CPU alone');
  // As under taskset.
  pinTo([first!]);
  finallyDo(t, () => void pinTo(all));
  const free = workload('free');
  const bound = workload('bound', `cpus_allowed=${second}`);
  const data = mapMemory(tagsOf(free) * bufferBytes(free));
  const crew = await startCrew(parseDesign('single-wq').crew, 1, 1, data, mapMemory(4096));
  const topology = topologyFor({ sockets: 1, cpusPerSocket: 2, virtual: true }, 1, 1);
  for (const each of [free, bound]) await openWorkload(crew, each.name, each, topology, false);
  const after = async (name: string): Promise<string> => {
    await runTrial(crew, name, {
      backend: 'null',
      direct: false,
      seed: 1,
      base: 1,
      trial: 2,
      spin: 0,
      bufferBytes: bufferBytes(free),
      history: undefined,
      files: [0],
      runtimeLimit: 0,
      deadlineSeconds: 30,
    });
    return allowed(crew);
  };
  try {
    assert.equal(await after('free'), String(first));
    assert.equal(await after('bound'), String(second));
    assert.equal(await after('free'), String(first));
  } finally {
    await closeCrew(crew);
  }
});

test('a CPU that the machine has not is said before anything is made', () => {
  const plan = (cpu: number) => ({
    cells: [{ workload: workload('far', `cpus_allowed=0,${cpu}`), direct: false, backend: 'null' as const }],
    designs: [],
    rounds: 1,
    seed: 1,
    topology: { sockets: 1, cpusPerSocket: 1, virtual: true },
    dir: '.',
    overwrite: [],
    deadlineSeconds: 30,
    recording: true,
  });
  const cpus = os.cpus().length;
  requireCpus(plan(cpus - 1));
  assert.throws(() => requireCpus(plan(cpus)), {
    name: 'MachineError',
    message: new RegExp(
      `^far.fio: cpus_allowed of job 'a' names CPU ${cpus}, this machine has CPUs 0 to ${cpus - 1}`,
    ),
  });
});
