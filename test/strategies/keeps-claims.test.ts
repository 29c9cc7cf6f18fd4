/**
 * Every strategy with every front, flush policy and order policy keeps what it claims, on every backend: nothing claimed is
 * lost or left unproved, and every operation is acknowledged. The inputs are tiny and overlap as they can.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { bufferBytes, historySize, tagsOf } from '../../benchmarks/plan.ts';
import { readBack } from '../../benchmarks/read-back.ts';
import { topologyFor } from '../../benchmarks/topology.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { openBacking } from '../../engine/backing.ts';
import { type Crew, closeCrew, openWorkload, startCrew } from '../../engine/crew.ts';
import { cipherKey, sectorCipher } from '../../engine/crypt.ts';
import { MachineError } from '../../engine/errors.ts';
import { mapMemory } from '../../engine/libc.ts';
import { Ring } from '../../engine/ring.ts';
import { runTrial } from '../../engine/trial.ts';
import { check } from '../../ordering/check.ts';
import type { Contract } from '../../ordering/contracts.ts';
import { type History, historyBytes, openHistory } from '../../ordering/history.ts';
import { ORDER_POLICIES as ORDERS, FLUSH_POLICIES as POLICIES } from '../../strategies/index.ts';
import { CASES, FLUSH_POLICIES, FRONTS, ORDER_POLICIES, STRATEGIES } from './any-design.ts';

/** Two jobs on the same four blocks of both files; each flushes a file after every fourth write to it. */
const JOBS = `[global]
rw=randrw
rwmixread=30
norandommap
bs=4k
size=32k
loops=3
iodepth=4
fsync=4
filename=disk0:disk1
[a]
[b]
`;
const OPERATIONS = 24;
const BASE = 1000;

const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-claims-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const workload = parseJobFile(JOBS, 'claims.fio');
const { jobs, files } = workload;
const topology = topologyFor({ sockets: 2, cpusPerSocket: 2, virtual: true }, files.length, 0);
const opened = CASES.map(({ strategy, parameter }) =>
  strategy.open(parameter, { ...topology, socketOf: Uint16Array.from(topology.socketOf) }),
);
const workers = Math.max(...opened.map(({ layout }) => layout.workers.length));
const cipher = sectorCipher(cipherKey(BASE), workload.unitBytes);
/** Files for those who encrypt, and for the others. */
const backings = [cipher, undefined].map((of) =>
  files.map(({ name, bytes }, device) =>
    openBacking(join(folder, `${name}.${of ? 'encrypted' : 'plain'}`), bytes, device, BASE, true, of),
  ),
);
type Backend = 'null' | 'sync' | 'uring';
const BACKENDS: { backends: readonly Backend[]; skip: string | false }[] = [
  { backends: ['null', 'sync'], skip: false },
  { backends: ['uring'], skip: whyNoRing() },
];
const size = historySize(workload);
const history = new SharedArrayBuffer(historyBytes(size.submitters, size.rowsEach, size.seenEach));
const data = mapMemory(tagsOf(workload) * bufferBytes(workload));
const scratch = mapMemory(4096);
let trials = 0;

/** Runs one case on one backend, asserts what holds of every trial, and says how often each claim was proved. */
async function tryOut(
  crew: Crew,
  design: string,
  backend: Backend,
  note: (contract: Contract, proved: number) => void,
): Promise<void> {
  const trial = BASE + ++trials;
  const encrypts = crew.opened.get(design)!.layout!.transform === true;
  const descriptors = backings[encrypts ? 0 : 1]!.map((file) =>
    backend === 'uring' ? file.direct : file.buffered,
  );
  const outcome = await runTrial(crew, design, {
    backend,
    direct: backend === 'uring',
    seed: trials,
    base: BASE,
    trial,
    spin: 0,
    bufferBytes: bufferBytes(workload),
    history: { buffer: history, ...size },
    files: descriptors,
    runtimeLimit: 0,
    deadlineSeconds: 10,
  });
  const what = `${design} on ${backend}`;
  assert.equal(outcome.stalled, undefined, what);
  for (const { failure, reads, writes } of outcome.reports) {
    assert.equal(failure, undefined, what);
    assert.equal(reads + writes, OPERATIONS, what);
  }
  const columns = openHistory(history, size.submitters, size.rowsEach, size.seenEach);
  assertAcknowledged(columns, what);
  if (backend !== 'null') {
    readBack(columns, workload, descriptors, data, BASE, trial, encrypts ? cipher : undefined);
  }
  const verdicts = check(columns, {
    inodeOf: (device) => device,
    dataHeld: backend !== 'null',
    start: 0,
    unitBytes: workload.unitBytes,
    deviceNames: files.map(({ name }) => name),
  });
  for (const claim of parseDesign(design).claims) {
    const { proved, unproved, lost, witness } = verdicts[claim];
    assert.deepEqual({ unproved, lost }, { unproved: 0, lost: 0 }, `${what}, ${claim}: ${witness?.sentence}`);
    note(claim, proved);
  }
}

function assertAcknowledged(columns: History, what: string): void {
  for (let s = 0; s < jobs.length; s++) {
    assert.ok(columns.count[s]! > OPERATIONS, `${what}: submitter ${s} has no FLUSH`);
    for (let row = s * size.rowsEach; row < s * size.rowsEach + columns.count[s]!; row++) {
      const { result, ak, se } = columns;
      assert.ok(result[row]! >= 0 && ak[row]! > 0 && se[row]! > 0, `${what}: row ${row} of submitter ${s}`);
    }
  }
}

for (const front of [undefined, ...FRONTS]) {
  describe(`every strategy ${front ? `behind ${front.name} ` : ''}keeps its claims`, () => {
    let crew: Crew;
    before(async () => {
      const [strategy, flush, order] = [STRATEGIES[0]!, FLUSH_POLICIES[0]!, ORDER_POLICIES[0]!];
      const module = new URL('./any-design.js', import.meta.url).href;
      const ref = { module, strategy: 'any', parameter: 0, flush: 'any', order: 'any', front: front?.name };
      crew = await startCrew({ ref, strategy, flush, order, front }, jobs.length, workers, data, scratch);
    });
    after(() => closeCrew(crew));

    for (const { backends, skip } of BACKENDS) {
      for (const flush of POLICIES) {
        for (const order of [undefined, ...ORDERS]) {
          const name = `with ${flush.name} and ${order?.name ?? 'no order policy'} on ${backends.join(', ')}`;
          test(name, { skip }, async () => {
            const proved = new Map<Contract, number>();
            for (const [place, it] of CASES.entries()) {
              if (it.flush !== flush || it.order !== order) continue;
              const design = `${front ? `${front.name}>` : ''}${it.name}`;
              await openWorkload(crew, design, workload, { ...topology, cgroups: place }, false);
              for (const backend of backends) {
                await tryOut(crew, design, backend, (claim, n) =>
                  proved.set(claim, (proved.get(claim) ?? 0) + n),
                );
              }
            }
            for (const [claim, times] of proved) assert.ok(times > 0, `${claim} was put to no test`);
          });
        }
      }
    }
  });
}

/** Why there is nothing to try with a ring of one's own, or false. */
function whyNoRing(): string | false {
  if (backings.flat().some((file) => file.direct < 0)) return 'needs a file system with O_DIRECT';
  try {
    new Ring(2).close();
    return false;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return error.message;
  }
}
