/** What a workload asks for, after its job file was read: plain data, nothing left to interpret. */

export type Pattern = 'read' | 'write' | 'rw' | 'randread' | 'randwrite' | 'randrw';

/** One job clone: it becomes one submitter. */
export interface Job {
  /** Section name, with `.k` behind it where numjobs > 1. */
  name: string;
  pattern: Pattern;
  /** Share of reads in percent, 0 to 100 (rw and randrw). */
  readPercent: number;
  /** Bytes per read or write. */
  bs: number;
  /** Bytes of each file that the job touches, from offset 0. */
  size: number;
  /** Indexes into `Workload.files`; the job goes round them in turn. */
  files: number[];
  iodepth: number;
  /** A FLUSH after every n writes to a file; 0 never. fsync=N and fdatasync=N of the job file. */
  fsync: number;
  /** True when the flush is a data sync (fdatasync=N). */
  dataSync: boolean;
  /** Seconds; 0 when the job ends by count. */
  runtime: number;
  /** Reads and writes to issue; 0 when it ends by time. */
  count: number;
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
  /** Bytes of one unit: the largest block that divides every job's bs, at least 512. */
  unitBytes: number;
  jobs: Job[];
}
