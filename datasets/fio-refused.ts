/**
 * Keys of fio that loopwq knows and refuses, with the reason: what it can't do as fio does it would make one file mean
 * two things.
 */
import { SIZE_FORM } from './fio-units.ts';

const CHECKED = 'every read is checked anyway, by the contract `integrity`';
const BLOCKS = 'blocks lie at multiples of the smallest one. Several sizes: bssplit';
const ONE_BY_ONE = 'a submitter hands over each operation as soon as it has a tag';
const EQUAL = 'operations with rate_iops begin at equal intervals, issued by the submitter itself';
const FILES = 'files are written before the run and taken in turn. Their folder: --dir';
const PLACE = 'say the CPUs with cpus_allowed, or play others with --topology';

const REASONS: Record<string, string> = {
  rate: 'say operations per second with rate_iops',
  rate_min: 'a trial reports what it reached',
  rate_iops_min: 'a trial reports what it reached',
  rate_process: EQUAL,
  io_submit_mode: EQUAL,
  rate_ignore_thinktime: 'rate_iops and thinktime exclude each other',
  thinktime_blocks: 'thinktime rests after every block',
  thinktime_blocks_type: 'thinktime rests after every block',
  thinktime_spin: 'a submitter rests asleep',
  iodepth_batch: ONE_BY_ONE,
  iodepth_batch_submit: ONE_BY_ONE,
  iodepth_batch_complete: ONE_BY_ONE,
  iodepth_low: ONE_BY_ONE,
  sync_file_range: 'a loop device has no such operation. A flush: fsync or fdatasync',
  fsync_on_close: 'say end_fsync',
  serialize_overlap:
    'what overlapping operations do is up to the design, and the contract `dependent` judges it',
  random_generator: 'every job draws from one generator, by its randseed',
  bsrange: BLOCKS,
  blocksize_range: BLOCKS,
  bs_unaligned: BLOCKS,
  blockalign: BLOCKS,
  ba: BLOCKS,
  kb_base: `sizes are ${SIZE_FORM}`,
  io_size: 'say number_ios or loops',
  filesize: FILES,
  directory: FILES,
  openfiles: FILES,
  file_service_type: FILES,
  fallocate: FILES,
  create_on_open: FILES,
  invalidate: 'the page cache is warmed before the trials of a workload with direct=0',
  buffered: 'say direct',
  startdelay: 'jobs begin together, or one after the other with stonewall',
  wait_for: 'say stonewall',
  cpus_allowed_policy: "cpus_allowed is shared by the clones of a job, which is fio's own default",
  cpumask: PLACE,
  numa_cpu_nodes: PLACE,
  numa_mem_policy: PLACE,
  cgroup_weight: 'a cgroup is a label here, by which designs route',
  cgroup_nodelete: 'a cgroup is a label here, by which designs route',
  verify: CHECKED,
  do_verify: CHECKED,
  verify_backlog: CHECKED,
  verify_policy: CHECKED,
  steadystate: 'say how often with --rounds; the table has the intervals',
  ss_dur: 'say how often with --rounds; the table has the intervals',
  read_iolog: 'job files only; recorded traces are not read',
  trim_percentage: 'it belongs to verify; rw=randtrim discards, and trimwrite discards and writes',
};

/** Why a key of fio's is not taken; undefined for one that loopwq has never heard of. */
export function whyRefused(key: string): string | undefined {
  return Object.hasOwn(REASONS, key) ? REASONS[key] : undefined;
}
