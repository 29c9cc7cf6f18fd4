/** `inFlight` of a layout's worker: how many I/Os it has begun and not taken back. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDesign } from '../../benchmarks/designs.ts';
import { type Subject, search, trySeed } from '../../benchmarks/search/search.ts';
import { parseJobFile } from '../../datasets/fio.ts';
import { whyNoRing } from '../../engine/ring.ts';
import { FLUSH, type History } from '../../ordering/history.ts';
import { trialOf } from './trial-of.ts';

const folder = mkdtempSync(join(process.cwd(), 'loopwq-test-in-flight-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function subjectOf(text: string): Subject {
  const { name, claims, crew } = parseDesign(text);
  return { name, claims, design: { ...crew!, parameter: crew!.ref.parameter } };
}

/** The most I/Os of one worker that were in flight at one time, and of one device. */
function mostAtOnce(history: History, submitters: number): { worker: number; device: number } {
  const ios: { worker: number; device: number; st: number; co: number }[] = [];
  for (let s = 0; s < submitters; s++) {
    for (let row = s * history.rowsEach; row < s * history.rowsEach + history.count[s]!; row++) {
      if (history.kind[row] === FLUSH || history.ak[row] === 0) continue;
      const [worker, device] = [history.worker[row]!, history.device[row]!];
      ios.push({ worker, device, st: history.st[row]!, co: history.co[row]! });
    }
  }
  const most = (key: 'worker' | 'device'): number =>
    Math.max(
      ...ios.map((io) => ios.filter((it) => it[key] === io[key] && it.st <= io.st && io.st < it.co).length),
    );
  return { worker: most('worker'), device: most('device') };
}

test('in the simulator: what shipped before there was direct I/O waits for each, whatever the backend', () => {
  const most = (text: string): { worker: number; device: number } => {
    const found = { worker: 0, device: 0 };
    for (let number = 1; number <= 150; number++) {
      const { program, outcome } = trySeed(subjectOf(text), { number, scheduler: 'random' });
      const here = mostAtOnce(outcome.history, program.submitters);
      found.worker = Math.max(found.worker, here.worker);
      found.device = Math.max(found.device, here.device);
    }
    return found;
  };
  assert.deepEqual(most('thread'), { worker: 1, device: 1 });
  assert.equal(most('mq-global:2').worker, 1);
  assert.deepEqual(most('mq-dev16:2'), { worker: 1, device: 2 });
  // The same layout without a limit: the driver that brought direct I/O.
  assert.ok(most('kthread-worker').worker > 2);
});

test('thread: one I/O at a time is a total order: all contracts hold, though it claims three', () => {
  const { verdicts } = search(subjectOf('thread'), 1, 300, 'mixed');
  for (const [contract, { proved, unproved, lost }] of Object.entries(verdicts)) {
    assert.deepEqual({ unproved, lost }, { unproved: 0, lost: 0 }, contract);
    assert.ok(proved > 50, contract);
  }
  const { submitted } = search(subjectOf('kthread-worker'), 1, 300, 'mixed').verdicts;
  assert.ok(submitted.unproved + submitted.lost > 0, 'without the limit a FLUSH overtakes writes');
});

test('on real threads: a worker with inFlight 1 has one entry in its ring', {
  skip: whyNoRing() ?? false,
}, async () => {
  const job = '[job]\nfilename=disk\nrw=randrw\nbs=4k\nsize=1m\niodepth=16\nfsync=32\n';
  const workload = parseJobFile(job, 'in-flight.fio');
  const most = async (name: string): Promise<number> =>
    mostAtOnce((await trialOf(name, workload, folder, 'uring')).history, 1).worker;
  assert.equal(await most('thread'), 1);
  assert.ok((await most('kthread-worker')) > 1);
});
