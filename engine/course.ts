/**
 * The course of a job, the same for every kind of submitter: what comes next and when it may begin, when the measured window
 * opens, and when the job is over.
 */
import type { Job } from '../datasets/workload.ts';
import { FLUSH, WRITE } from '../ordering/history.ts';
import type { Source } from './generator.ts';
import type { SubmitterReport } from './recorder.ts';
import { CONTROL } from './shared.ts';

/** The longest sleep of a job that waits for its next moment, nanoseconds. */
const NAP = 50e6;

export class Course {
  /** When to look again though nothing completed; Infinity where only a completion matters. */
  private wakeAt = Number.POSITIVE_INFINITY;

  private readonly job: Job;
  private readonly generator: Source;
  private readonly report: SubmitterReport;
  private readonly control: Int32Array;
  /** Rests or has a rate: it may have to wait though it has tags. */
  private readonly paced: boolean;
  private readonly countLimit: number;
  private readonly byteLimit: number;
  private deadline: number;
  private rampEnd: number;
  private issuing = true;
  private data = 0;
  private bytes = 0;
  private wrote = false;
  private resting = false;
  private restUntil = 0;
  /** Flushes at the very end that are still to come. */
  private closing = 0;

  /**
   * The job begins at `clock`. `control` has the words of CONTROL.
   *
   * @param limit seconds that it runs at most, and then without its ramp; 0: as the job says
   */
  constructor(
    job: Job,
    generator: Source,
    report: SubmitterReport,
    control: Int32Array,
    clock: number,
    limit: number,
  ) {
    this.job = job;
    this.generator = generator;
    this.report = report;
    this.control = control;
    this.paced = job.rate !== undefined || job.think !== undefined;
    this.countLimit = job.count > 0 ? job.count : Number.POSITIVE_INFINITY;
    this.byteLimit = job.bytes ?? Number.POSITIVE_INFINITY;
    report.origin = clock;
    report.start = clock;
    const asked = job.runtime > 0 ? job.runtime : Number.POSITIVE_INFINITY;
    const runtime = limit > 0 ? Math.min(asked, limit) : asked;
    const ramp = limit > 0 ? 0 : (job.ramp ?? 0);
    this.rampEnd = ramp > 0 ? clock + ramp * 1e9 : Number.POSITIVE_INFINITY;
    this.deadline = clock + (ramp + runtime) * 1e9;
  }

  /** To be called whenever completions were taken: notices the end of the ramp, of the time, and of the trial. */
  look(clock: number): void {
    this.wakeAt = Number.POSITIVE_INFINITY;
    if (this.rampEnd !== Number.POSITIVE_INFINITY && this.rampIsOver(clock)) this.openWindow(clock);
    if (Atomics.load(this.control, CONTROL.stopIssuing) === 1) this.stop(clock);
    else this.endWhenDue(clock);
  }

  /** True when the next operation may begin. */
  may(clock: number, outstanding: number): boolean {
    if (!this.issuing) return this.closing > 0 && outstanding === 0;
    return !this.paced || this.isTime(clock, outstanding);
  }

  /** Nanoseconds to sleep at most while nothing completes; Infinity where nothing else can change. */
  timeLeft(clock: number): number {
    // Short naps, so that the end of the trial is not slept through.
    return this.wakeAt === Number.POSITIVE_INFINITY ? this.wakeAt : Math.min(this.wakeAt - clock, NAP);
  }

  /** Has the generator produce the next operation, which is then issued. */
  advance(): void {
    const { generator } = this;
    if (!this.issuing) {
      generator.flush(this.job.files.length - this.closing--);
      this.report.closing++;
      return;
    }
    generator.advance();
    if (generator.kind === FLUSH) return;
    this.data++;
    this.bytes += generator.bytes;
    if (generator.kind === WRITE) this.wrote = true;
    this.resting = this.job.think !== undefined;
  }

  /** Notices that the operation just issued was the last one. */
  endWhenDue(clock: number): void {
    if (!this.issuing) return;
    if (clock < this.deadline && this.data < this.countLimit && this.bytes < this.byteLimit) return;
    this.issuing = false;
    // One that ends by count is measured up to its last acknowledgement: see finish.
    if (clock >= this.deadline) this.close(clock);
    if (this.job.endFlush && this.wrote) this.closing = this.job.files.length;
  }

  /** Issues nothing more at all. */
  stop(clock: number): void {
    if (this.issuing) this.end(clock);
    this.closing = 0;
  }

  /** True when nothing is left to issue: what is outstanding has to be waited for. */
  isOver(): boolean {
    return !this.issuing && this.closing === 0;
  }

  /** Everything was acknowledged, or the trial was given up. */
  finish(clock: number): void {
    const { report } = this;
    // A timed job is over when it stopped issuing, one that ends by count with its last acknowledgement, and with
    // end_fsync both are over after that, as in fio; which counts these flushes nowhere.
    if (!Number.isFinite(this.deadline) || report.end === 0 || report.closing > 0) this.close(clock);
    report.flushes -= Math.min(report.closing, report.flushes);
  }

  private isTime(clock: number, outstanding: number): boolean {
    if (this.resting) {
      if (outstanding > 0) return false;
      if (this.restUntil === 0) this.restUntil = clock + this.job.think! * 1e9;
      if (clock < this.restUntil) return this.notBefore(this.restUntil);
      this.resting = false;
      this.restUntil = 0;
    }
    const due = this.report.origin + this.generator.due;
    return clock >= due || this.notBefore(due);
  }

  private notBefore(time: number): false {
    this.wakeAt = Math.min(time, this.deadline);
    return false;
  }

  private rampIsOver(clock: number): boolean {
    return clock >= this.rampEnd || Atomics.load(this.control, CONTROL.measure) === 1;
  }

  /** The ramp is over: nothing before now counts. */
  private openWindow(clock: number): void {
    const { report } = this;
    this.rampEnd = Number.POSITIVE_INFINITY;
    report.start = clock;
    report.reads = 0;
    report.writes = 0;
    report.flushes = 0;
    report.bytes = 0;
    report.blocked = 0;
    this.deadline = clock + this.job.runtime * 1e9;
  }

  private end(clock: number): void {
    this.issuing = false;
    this.close(clock);
  }

  private close(clock: number): void {
    const { report } = this;
    report.end = clock;
    report.inWindow = report.reads + report.writes;
  }
}

/** Waits until the jobs before a stonewall have ended. */
export function waitForTurn(control: Int32Array, after: number): void {
  for (;;) {
    const ended = Atomics.load(control, CONTROL.ended);
    if (ended >= after) return;
    Atomics.wait(control, CONTROL.ended, ended);
  }
}

/** A job has ended. */
export function passTurn(control: Int32Array): void {
  Atomics.add(control, CONTROL.ended, 1);
  Atomics.notify(control, CONTROL.ended);
}
