/** Tiny trials on real threads and files: what a design does must show in where its operations wait. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { runPlan } from '../../../benchmarks/runner.ts';
import { parseJobFile } from '../../../datasets/fio.ts';
import { readHost } from '../../../datasets/host.ts';
import type { BackendName, LatencyRecord, TrialRecord, Waits } from '../../../datasets/schema.ts';
import { MachineError } from '../../../engine/errors.ts';
import { Ring } from '../../../engine/ring.ts';

function uringIsMissing(): string | false {
  try {
    new Ring(2).close();
    return false;
  } catch (error) {
    if (error instanceof MachineError) return error.message;
    throw error;
  }
}

/** One trial of each design. */
async function trialsOf(
  designs: readonly string[],
  backend: BackendName,
  text: string,
): Promise<(TrialRecord & { waits: Waits })[]> {
  const records: TrialRecord[] = [];
  const end = await runPlan(
    {
      cells: [{ workload: parseJobFile(text, 'waits.fio'), direct: backend === 'uring', backend }],
      designs: designs.map((name) => parseDesign(name)),
      rounds: 1,
      seed: 1,
      topology: { sockets: 1, cpusPerSocket: 2, virtual: true },
      dir: process.cwd(),
      overwrite: [],
      deadlineSeconds: 30,
      recording: true,
    },
    'run',
    readHost(process.cwd()),
    { progress: () => {}, trial: (record) => records.push(record) },
    new AbortController().signal,
  );
  assert.equal(end.failed, undefined);
  return designs.map((design) => {
    const record = records.find((it) => it.design === design)!;
    assert.ok(record.waits);
    return { ...record, waits: record.waits };
  });
}

/** Three writers on one disk, so that a FLUSH finds writes of others under way. */
const FLUSHES = `[global]
rw=randwrite
bs=4k
size=1m
iodepth=4
fsync=8
number_ios=48
filename=disk
[writer]
numjobs=3
`;

/** Each job goes round both disks, so that behind a FLUSH of the one there are always operations of the other. */
const TWO_DISKS = `[global]
rw=randrw
bs=4k
size=1m
iodepth=8
fsync=8
number_ios=128
filename=busy:other
[job]
numjobs=2
`;

const sum = (record: LatencyRecord | undefined): number => (record ? record.n * record.mean : 0);

for (const backend of ['sync', 'uring'] as const) {
  describe(`on ${backend}`, { skip: backend === 'uring' && uringIsMissing() }, () => {
    test('the parts of a FLUSH add up; quiesce waits in the gate and meets no write, single-wq has no gate', async () => {
      const designs = ['single-wq', 'single-wq+quiesce', 'blk-flush>n-wq:2+generation'];
      const trials = await trialsOf(designs, backend, FLUSHES);
      for (const { design, latency, waits, metrics } of trials) {
        const { gate, queue, device, settle } = waits;
        assert.equal(gate!.n, latency.flush!.n, design);
        const parts = sum(gate) + sum(queue.flush) + sum(device) + sum(settle);
        const whole = sum(latency.flush);
        assert.ok(Math.abs(parts - whole) < 1e-6 * whole, `${design}: ${parts} of ${whole}`);
        assert.equal(waits.inFlight!.n, metrics.fsyncs, design);
      }
      const [plain, quiesce, coalesced] = trials;
      assert.equal(plain!.waits.gate!.max, 0);
      assert.ok(plain!.waits.inFlight!.max > 0);
      assert.ok(sum(quiesce!.waits.gate) > 0);
      assert.equal(quiesce!.waits.inFlight!.max, 0);
      // Whatever was submitted before a FLUSH has completed when it comes to its call, and the first one finds it all.
      assert.ok(quiesce!.waits.dirtyBytes!.max >= 8 * 4096);
      assert.equal(quiesce!.waits.dirtyBytes!.max % 4096, 0);
      assert.ok(coalesced!.metrics.fsyncs <= coalesced!.metrics.flushes);
    });

    test('devices that share a worker wait for each other, those with workers of their own do not', async () => {
      const [own, shared] = await trialsOf(['single-wq', 'shared-pool:1'], backend, TWO_DISKS);
      assert.equal(own!.waits.headOfLine!.device, 0);
      const { queued, device, cgroup } = shared!.waits.headOfLine!;
      assert.ok(device! > 0 && device! <= queued, `${device} of ${queued}`);
      assert.ok(cgroup! >= 0 && cgroup! <= queued, `${cgroup} of ${queued}`);
      const { readsBeside, readsAlone } = shared!.waits;
      assert.equal((readsBeside?.n ?? 0) + (readsAlone?.n ?? 0), shared!.latency.read!.n);
    });
  });
}
