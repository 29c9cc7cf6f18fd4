/** What a workload asks for, after its job file was read: plain data, nothing left to interpret. */

export type Pattern =
  | 'read'
  | 'write'
  | 'rw'
  | 'randread'
  | 'randwrite'
  | 'randrw'
  | 'trim'
  | 'randtrim'
  | 'trimwrite'
  | 'randtrimwrite';

/** One of several block sizes and how often it comes. */
export interface BlockShare {
  bytes: number;
  percent: number;
}

/**
 * How the random patterns choose a block. Absent: each one once before any comes again (fio's random map). `uniform`
 * forgets what it chose (norandommap); `zipf` and `pareto` prefer some, as in fio, and forget as well.
 */
export type Choice = { kind: 'uniform' } | { kind: 'zipf'; theta: number } | { kind: 'pareto'; h: number };

/** One job clone: it becomes one submitter. What is absent plays no part. */
export interface Job {
  /** Section name, with `.k` behind it where numjobs > 1. */
  name: string;
  pattern: Pattern;
  /** Share of reads in percent, 0 to 100 (rw and randrw). */
  readPercent: number;
  /** Bytes per read or write; the largest of `split`. */
  bs: number;
  /** Several block sizes, with shares that add up to 100. Every size is a multiple of the smallest of its half. */
  split?: { read: BlockShare[]; write: BlockShare[] };
  /** Where the job's part of each file begins; a multiple of 512. */
  offset?: number;
  /** Bytes of each file that the job touches, from `offset`. */
  size: number;
  /** Indexes into `Workload.files`; the job goes round them in turn. */
  files: number[];
  iodepth: number;
  choice?: Choice;
  /** A FLUSH after every n writes to a file; 0 never. fsync=N and fdatasync=N of the job file. */
  fsync: number;
  /** True when the flush is a data sync (fdatasync=N). */
  dataSync: boolean;
  /** Each write is durable when it is acknowledged (FUA): sync=1 and sync=dsync of the job file. */
  fua?: true;
  /** A job that wrote ends with a FLUSH of each of its files, one by one, when all else was acknowledged. */
  endFlush?: true;
  /**
   * Open loop: reads and writes begin at equal intervals, so many of each a second, whether earlier ones have come back
   * or not (a lack of tags alone delays them). Latencies then count from the moment at which one should have begun.
   */
  rate?: { read: number; write: number };
  /** Seconds of rest after each read or write; all that is outstanding is waited for first. */
  think?: number;
  /** Seconds before the measured window begins. The run time counts from its end. */
  ramp?: number;
  /** Seconds; 0 when the job ends by count. */
  runtime: number;
  /** Reads and writes to issue; 0 when it does not end by their number. */
  count: number;
  /** Bytes to read and write before it ends: with `split` their number does not tell. */
  bytes?: number;
  /** The job begins when so many jobs have ended, which are all before it in the file (stonewall). */
  after?: number;
  /** CPUs of the machine that the submitter may run on; it plays one of them in the topology. */
  cpus?: number[];
  /**
   * Plays a file system's journal in place of a pattern: a name of ordering/clients/index.ts. What it writes, where in its
   * region and what it waits for is the client's; pattern, size and block size here are what that comes to.
   */
  client?: string;
  /** Index into `Workload.cgroups`; absent where no job of the file names one: each job then has one of its own. */
  cgroup?: number;
  randseed: number;
}

export interface Workload {
  /** Name of the job file without its ending. */
  name: string;
  /** Where it was read from. */
  path: string;
  /** Text of the leading comment: origin and question. */
  summary: string;
  /** O_DIRECT or the page cache; undefined where the file does not say. */
  direct: boolean | undefined;
  /** One device each: name as the job file has it, bytes that the file must have. */
  files: { name: string; bytes: number }[];
  /** Names of the cgroups that the jobs are in, '' for those that name none; absent when no job does. */
  cgroups?: string[];
  /** Bytes of one unit: the largest block that divides every job's blocks and offset, at least 512. */
  unitBytes: number;
  /**
   * The ramp of every job ends when the rate is steady over some windows, or after `most`, which is then their `ramp`. All in
   * seconds: the least that it lasts, a window, and the most. Absent where each ramp lasts as long as its job says.
   */
  steady?: { least: number; window: number; most: number };
  jobs: Job[];
}
