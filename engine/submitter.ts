/**
 * A submitter: the thread that plays one CPU and produces a job's operations. Only a lack of tags blocks it. It sleeps in
 * one place, on its own word, until a completion arrives.
 */
import type { Job } from '../datasets/workload.ts';
import { DSYNC, NO_QUEUE } from '../ordering/history.ts';
import { NONE, type OpId } from '../strategies/types.ts';
import { now } from './clock.ts';
import { Course } from './course.ts';
import type { Transform } from './crypt.ts';
import { Generator } from './generator.ts';
import { type InlineMeans, openInline } from './inline.ts';
import type { Pipeline } from './pipeline.ts';
import { Recorder, type RecorderPlan, type SubmitterReport } from './recorder.ts';
import { LINE } from './rings.ts';
import { Script } from './script.ts';
import { ASLEEP, CONTROL, type Shared } from './shared.ts';

export interface SubmitterPlan {
  recorder: RecorderPlan;
  index: number;
  job: Job;
  /** Seconds that the job runs at most, without its ramp; 0: as it says. */
  runtimeLimit: number;
  seed: number;
  cpu: number;
  /** Its tags are firstTag .. firstTag + job.iodepth - 1. */
  firstTag: number;
  /** Address of tag 0's data buffer and the bytes of each. */
  dataAddress: number;
  bufferBytes: number;
  spin: number;
  /** How it does I/O of its own, in a design that has it do some. */
  inline: InlineMeans | undefined;
  transform: Transform | undefined;
}

/** Operations of the first submitter between two calls of a strategy's `retune`: one thread must be the only one that publishes. */
const RETUNE_EVERY = 256;

/** Rest after operations that found their device detached, milliseconds: who is told that it is gone does not ask again at once. */
const REST_MS = 0.1;

/** Runs a job to its end; the trial's `go` word is already set. */
export function runSubmitter(shared: Shared, pipeline: Pipeline, plan: SubmitterPlan): SubmitterReport {
  const { job, index } = plan;
  const { ops, completions, control, acknowledged } = shared;
  const recorder = new Recorder(plan.recorder);
  const { report } = recorder;
  const { history } = plan.recorder;
  const script = job.client === undefined ? undefined : new Script(job);
  const generator = script ?? new Generator(job, plan.seed);
  const rows = new Float64Array(job.iodepth);
  const free = new Int32Array(job.iodepth);
  const cgroup = job.cgroup ?? index;
  let freeCount = job.iodepth;
  let issued = 0;
  let refused = 0;
  const rest = new Int32Array(new SharedArrayBuffer(4));
  for (let i = 0; i < job.iodepth; i++) {
    const tag = plan.firstTag + i;
    free[i] = tag;
    ops.submitter[tag] = index;
    ops.address[tag] = plan.dataAddress + tag * plan.bufferBytes;
  }

  const inline = plan.inline && openInline(shared, pipeline, index, history, plan.inline, plan.transform);
  let clock = now();
  const course = new Course(job, generator, report, control, clock, plan.runtimeLimit);

  for (;;) {
    inline?.collect();
    inline?.start();
    for (let tag = completions.pop(index); tag !== NONE; tag = completions.pop(index)) {
      free[freeCount++] = tag;
      finish(tag);
    }
    if (Atomics.load(control, CONTROL.abort) === 1) break;
    if (report.detached > refused) {
      refused = report.detached;
      Atomics.wait(rest, 0, 0, REST_MS);
    }
    clock = now();
    course.look(clock);
    while (freeCount > 0 && course.may(clock, job.iodepth - freeCount) && script?.ready() !== false) {
      if (!recorder.hasRoom()) {
        report.cut = true;
        course.stop(clock);
        break;
      }
      issue(free[--freeCount]!);
      course.endWhenDue(clock);
    }
    if (course.isOver() && freeCount === job.iodepth) break;
    waitForCompletion();
    // `clock` is the end of the last submission, or of the look that found nothing to submit.
    if (freeCount === 0 && !course.isOver()) report.blocked += now() - clock;
  }
  if (freeCount < job.iodepth) noteUnfinished();
  if (inline) report.punts = inline.punts;
  course.finish(clock);
  return report;

  function issue(tag: OpId): void {
    course.advance();
    const { kind, flags, device, offset, bytes } = generator;
    const row = recorder.prepare(kind, flags, device, offset, bytes, tag);
    ops.kind[tag] = kind;
    ops.flags[tag] = flags;
    ops.device[tag] = device;
    ops.offset[tag] = offset;
    ops.length[tag] = bytes;
    // An order policy may have put a label of its own in their place.
    ops.cpu[tag] = script === undefined ? plan.cpu : (plan.cpu + script.thread) % pipeline.cpus;
    ops.cgroup[tag] = cgroup;
    ops.go[tag] = 0;
    ops.st[tag] = 0;
    ops.queue[tag] = NO_QUEUE;
    ops.tries[tag] = 0;
    ops.step[tag] = 0;
    rows[tag - plan.firstTag] = row;
    script?.issued(tag - plan.firstTag);
    pipeline.submit(tag);
    inline?.start();
    // The end of one submission is the beginning of the next: earlier than true by the time that preparing takes, which
    // only ever leaves a pair unordered that was ordered.
    const sb = clock;
    clock = now();
    recorder.submitted(row, sb, clock);
    if (index === 0 && (++issued & (RETUNE_EVERY - 1)) === 0) pipeline.retune();
  }

  function finish(tag: OpId): void {
    const row = rows[tag - plan.firstTag]!;
    const result = ops.result[tag]!;
    if (history !== undefined) {
      history.queue[row] = ops.queue[tag]!;
      history.worker[row] = ops.worker[tag]!;
      history.go[row] = ops.go[tag]!;
      history.st[row] = ops.st[tag]!;
      history.co[row] = ops.co[tag]!;
      history.ak[row] = ops.ak[tag]!;
      history.result[row] = result;
      if (result >= 0) history.flags[row]! |= ops.flags[tag]! & DSYNC;
    }
    script?.acknowledged(tag - plan.firstTag);
    recorder.finished(row, ops.kind[tag]!, tag, ops.offset[tag]!, ops.length[tag]!, ops.device[tag]!, result);
    Atomics.store(acknowledged, index * LINE, (acknowledged[index * LINE]! + 1) | 0);
    // As in fio, whose continue_on_error is `none` unless it is set: what is under way ends, and is on record.
    if (report.failed > 0) Atomics.store(control, CONTROL.stopIssuing, 1);
  }

  /** The trial was given up: how far its outstanding operations came is what a stall is explained with. */
  function noteUnfinished(): void {
    if (history === undefined) return;
    const done = new Set(free.subarray(0, freeCount));
    for (let tag = plan.firstTag; tag < plan.firstTag + job.iodepth; tag++) {
      if (done.has(tag)) continue;
      const row = rows[tag - plan.firstTag]!;
      history.queue[row] = ops.queue[tag]!;
      history.worker[row] = ops.worker[tag]!;
      history.go[row] = ops.go[tag]!;
      history.st[row] = ops.st[tag]!;
    }
  }

  function nothingForMe(): boolean {
    return completions.empty(index) && (inline === undefined || shared.inline.empty(index));
  }

  function waitForCompletion(): void {
    for (let i = 0; i < plan.spin; i++) if (!nothingForMe()) return;
    const word = (shared.sizes.workers + index) * LINE;
    Atomics.store(shared.sleep, word, ASLEEP);
    if (nothingForMe() && Atomics.load(control, CONTROL.abort) === 0) {
      const left = course.timeLeft(now());
      if (left > 0) {
        if (inline) inline.wait(left);
        else Atomics.wait(shared.sleep, word, ASLEEP, left / 1e6);
      }
    }
    Atomics.store(shared.sleep, word, 0);
  }
}
