/** One trial of a design on real threads over a file of its own, checked; for tests that look at what it left behind. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseDesign } from '../../benchmarks/designs.ts';
import { layoutSize } from '../../benchmarks/layout.ts';
import { bufferBytes, historySize, tagsOf } from '../../benchmarks/plan.ts';
import { readBack } from '../../benchmarks/read-back.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import type { Workload } from '../../datasets/workload.ts';
import { closeBacking, openBacking } from '../../engine/backing.ts';
import { closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { cipherKey, sectorCipher } from '../../engine/crypt.ts';
import { mapMemory } from '../../engine/libc.ts';
import { runTrial } from '../../engine/trial.ts';
import { check } from '../../ordering/check.ts';
import type { Verdicts } from '../../ordering/contracts.ts';
import { type History, historyBytes, openHistory } from '../../ordering/history.ts';

export const BASE = 1000;
export const TRIAL = BASE + 1;

/** @param encrypted the file is filled with ciphertext */
export async function trialOf(
  name: string,
  workload: Workload,
  folder: string,
  backend: 'sync' | 'uring',
  encrypted = false,
): Promise<{ verdicts: Verdicts; history: History; path: string }> {
  const design = parseDesign(name);
  const path = join(folder, `${name.replaceAll(':', '.')}.${backend}.${encrypted}`);
  const cipher = sectorCipher(cipherKey(BASE), workload.unitBytes);
  const { bytes } = workload.files[0]!;
  const file = openBacking(path, bytes, 0, BASE, true, encrypted ? cipher : undefined);
  const data = mapMemory(tagsOf(workload) * bufferBytes(workload));
  const submitters = workload.jobs.length;
  const topology = topologyFor({ sockets: 1, cpusPerSocket: submitters, virtual: true }, 1, submitters);
  const { workers, transform } = layoutSize(design, topology);
  const crew = await startCrew(design.crew, submitters, workers, data, mapMemory(4096));
  const size = historySize(workload);
  const buffer = new SharedArrayBuffer(historyBytes(size.submitters, size.rowsEach, size.seenEach));
  const history = openHistory(buffer, size.submitters, size.rowsEach, size.seenEach);
  const files = [backend === 'uring' ? file.direct : file.buffered];
  try {
    await openWorkload(crew, workload.name, workload, topology, false);
    const outcome = await runTrial(crew, workload.name, {
      backend,
      direct: backend === 'uring',
      seed: 1,
      base: BASE,
      trial: TRIAL,
      spin: 0,
      bufferBytes: bufferBytes(workload),
      history: { buffer, ...size },
      files,
      runtimeLimit: 0,
      deadlineSeconds: 30,
    });
    assert.equal(outcome.stalled, undefined);
    readBack(history, workload, files, data, BASE, TRIAL, transform ? cipher : undefined);
  } finally {
    await closeCrew(crew);
    closeBacking(file);
  }
  const verdicts = check(history, {
    inodeOf: (device) => device,
    dataHeld: true,
    start: 0,
    unitBytes: workload.unitBytes,
    deviceNames: ['disk'],
  });
  return { verdicts, history, path };
}
