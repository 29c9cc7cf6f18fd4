/** Names for what kernels shipped and what the thread proposed, as designs of this suite. */
export interface Preset {
  name: string;
  design: string;
  summary: string;
  source: string;
}

export const PRESETS: readonly Preset[] = [
  {
    name: 'linux-3.19',
    design: 'thread',
    summary: 'one kernel thread per device takes bios itself',
    source: 'drivers/block/loop.c up to Linux 3.19',
  },
  {
    name: 'linux-4.0',
    design: 'blk-flush>mq-global',
    summary: 'blk-mq with one global workqueue: reads parallel, writes one at a time per device',
    source: 'Linux 4.0, b5dd2f6047ca',
  },
  {
    name: 'linux-4.1',
    design: 'blk-flush>mq-dev16',
    summary: 'a workqueue per device',
    source: 'Linux 4.1, f4aa4c7, 4d4e41a',
  },
  {
    name: 'linux-4.4',
    design: 'blk-flush>kthread-worker',
    summary: 'one kthread worker per device, direct I/O asynchronous',
    source: 'Linux 4.4 to 5.13, e03a3d7, bc07c10',
  },
  {
    name: 'linux-5.14',
    design: 'blk-flush>blkcg:0',
    summary: 'a worker per cgroup, all jobs in the root cgroup',
    source: 'Linux 5.14 and later, 87579e9',
  },
  {
    name: 'thread-2022-a',
    design: 'per-socket+quiesce',
    summary: 'the thread, option a: a workqueue per socket, flushes wait for all of them',
    source: 'Eric Wheeler, linux-block, 2022-04-14',
  },
  {
    name: 'thread-2022-b',
    design: 'n-wq:4+quiesce',
    summary: 'the thread, option b: N workqueues, flushes wait for all of them',
    source: 'Eric Wheeler, linux-block, 2022-04-14',
  },
  {
    name: 'thread-2022-c',
    design: 'shared-pool:4+quiesce',
    summary: 'the thread, option c: one pool for all devices, flushes wait for all of it',
    source: 'Eric Wheeler, linux-block, 2022-04-14',
  },
];
