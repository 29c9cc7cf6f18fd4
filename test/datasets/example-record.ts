import type { TrialRecord } from '../../datasets/schema.ts';

/** A record that the reader accepts, with every optional field. Fresh each time: tests spoil theirs. */
export function exampleRecord(): TrialRecord {
  const verdict = { proved: 3, unproved: 0, lost: 0, notExercised: 1 };
  const latency = { n: 2, min: 1000, max: 3000, mean: 2000, histogram: 'HISTFAAAAA==' };
  return {
    schema: 'loopwq.trial',
    version: 1,
    run: 'r-1',
    round: 0,
    position: 2,
    design: 'blk-flush>n-wq:4+epoch',
    reference: false,
    parameters: { queues: 4, front: 'blk-flush' },
    claims: ['integrity', 'completed'],
    workload: 'flush-heavy',
    direct: true,
    backend: 'uring',
    topology: { sockets: 1, cpus: 4, virtual: true },
    seed: 42,
    host: {
      hostname: 'käthe\u2028',
      kernel: '6.1.0',
      cpuModel: 'CPU',
      cores: 4,
      sockets: 1,
      memoryBytes: 2 ** 34,
      node: 'v20.20.2',
      loopwq: '0.1.0',
      fileSystem: 'ext4 rw,relatime',
      clockSource: 'tsc',
    },
    settings: { spin: 0, pinned: true, recording: false },
    started: '2024-05-06T07:08:09.010Z',
    metrics: {
      seconds: 0.2,
      reads: 0,
      writes: 100,
      flushes: 3,
      fsyncs: 3,
      operations: 103,
      iops: 500,
      bytes: 409600,
      cpuSystemUs: 5,
      cpuTasksUs: 4,
      switchesSystem: 3,
      switchesTasks: 2,
      ioWqThreads: 0,
      submitters: 4,
      workers: 4,
      cut: false,
    },
    latency: { write: latency, flush: { ...latency } },
    verdicts: {
      integrity: { ...verdict },
      completed: { ...verdict },
      submitted: {
        ...verdict,
        lost: 1,
        witness: { sentence: 'it was lost', rows: [1, 2], crossesQueues: true },
      },
      barrier: { ...verdict },
      dependent: { ...verdict },
      progress: { ...verdict },
    },
    failure: 'stopped\nearly',
  };
}
