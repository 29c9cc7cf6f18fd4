/**
 * The reference row `raw`: no loop device, no queue, no worker. The submitter issues its operations on the backing
 * files through a ring of its own, and io_uring does with them what it likes (buffered writes and every fsync go to
 * the kernel's io-wq).
 */
import type { Job } from '../datasets/workload.ts';
import { DSYNC, FLUSH, FUA, NO_QUEUE, READ, WRITE } from '../ordering/history.ts';
import { deallocationMode, isDeallocation } from './backend.ts';
import { now } from './clock.ts';
import { Course } from './course.ts';
import { Generator } from './generator.ts';
import { RWF_DSYNC } from './libc.ts';
import { Recorder, type RecorderPlan, type SubmitterReport } from './recorder.ts';
import type { Ring } from './ring.ts';
import { LINE } from './rings.ts';
import { CONTROL } from './shared.ts';

export interface RawPlan {
  recorder: RecorderPlan;
  index: number;
  job: Job;
  /** Seconds that the job runs at most, without its ramp; 0: as it says. */
  runtimeLimit: number;
  seed: number;
  firstTag: number;
  dataAddress: number;
  bufferBytes: number;
  /**
   * O_DIRECT: each entry is handed over at once, so that the device starts on it while the next is prepared. Reads of
   * the page cache complete inside the call, and there a batch saves the calls.
   */
  direct: boolean;
  /** Descriptor per device. */
  files: readonly number[];
}

/** Runs a job to its end; the trial's `go` word is already set. */
export function runRaw(
  control: Int32Array,
  acknowledged: Int32Array,
  ring: Ring,
  plan: RawPlan,
): SubmitterReport {
  const { job, index, files } = plan;
  const recorder = new Recorder(plan.recorder);
  const { report } = recorder;
  const { history } = plan.recorder;
  const generator = new Generator(job, plan.seed);
  const depth = job.iodepth;
  const rows = new Float64Array(depth);
  const kinds = new Uint8Array(depth);
  const devices = new Uint16Array(depth);
  const offsets = new Float64Array(depth);
  const lengths = new Uint32Array(depth);
  const started = new Float64Array(depth);
  const free = Int32Array.from({ length: depth }, (_, i) => i);
  let freeCount = depth;
  let clock = now();
  const course = new Course(job, generator, report, control, clock, plan.runtimeLimit);

  for (;;) {
    while (ring.reap()) finish(ring.userData, ring.result);
    if (Atomics.load(control, CONTROL.abort) === 1) break;
    clock = now();
    course.look(clock);
    while (freeCount > 0 && ring.hasRoom() && course.may(clock, depth - freeCount)) {
      if (!recorder.hasRoom()) {
        report.cut = true;
        course.stop(clock);
        break;
      }
      issue(free[--freeCount]!);
      course.endWhenDue(clock);
    }
    if (course.isOver() && freeCount === depth) break;
    must(ring.enter(1, course.timeLeft(clock)));
    if (freeCount === 0 && !course.isOver()) report.blocked += now() - clock;
  }
  course.finish(clock);
  return report;

  function issue(slot: number): void {
    course.advance();
    const { kind, flags, device, offset, bytes } = generator;
    const tag = plan.firstTag + slot;
    const row = recorder.prepare(kind, flags, device, offset, bytes, tag);
    rows[slot] = row;
    kinds[slot] = kind;
    devices[slot] = device;
    offsets[slot] = offset;
    lengths[slot] = bytes;
    const fd = files[device]!;
    const address = plan.dataAddress + tag * plan.bufferBytes;
    if (kind === READ) ring.read(fd, address, bytes, offset, slot);
    else if (kind === WRITE) ring.write(fd, address, bytes, offset, slot, flags & FUA ? RWF_DSYNC : 0);
    else if (kind === FLUSH) ring.fsync(fd, job.dataSync, slot);
    else ring.fallocate(fd, deallocationMode(kind, flags), offset, bytes, slot);
    started[slot] = clock;
    if (plan.direct) must(ring.enter(0));
    const sb = clock;
    clock = now();
    recorder.submitted(row, sb, clock);
  }

  function finish(slot: number, returned: number): void {
    const row = rows[slot]!;
    const result = returned === 0 && isDeallocation(kinds[slot]!) ? lengths[slot]! : returned;
    if (history !== undefined) {
      const time = now();
      history.queue[row] = NO_QUEUE;
      history.worker[row] = NO_QUEUE;
      history.st[row] = started[slot]!;
      history.co[row] = time;
      // Nothing stands between the completion and its submitter; a proof wants co < ak, so ak is the next instant.
      history.ak[row] = now();
      history.result[row] = result;
      if (result >= 0 && (history.flags[row]! & FUA) !== 0) history.flags[row]! |= DSYNC;
    }
    free[freeCount++] = slot;
    recorder.finished(
      row,
      kinds[slot]!,
      plan.firstTag + slot,
      offsets[slot]!,
      lengths[slot]!,
      devices[slot]!,
      result,
    );
    Atomics.store(acknowledged, index * LINE, (acknowledged[index * LINE]! + 1) | 0);
    if (report.failed > 0) Atomics.store(control, CONTROL.stopIssuing, 1);
  }
}

function must(result: number): void {
  if (result < 0) throw new Error(`io_uring_enter failed with errno ${-result}`);
}
