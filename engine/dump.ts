/** What queues and gates hold when a trial has stalled: the text of a `progress` violation. */
import { KIND_NAMES, NO_QUEUE } from '../ordering/history.ts';
import { parkedAt } from './gate.ts';
import { LINE } from './rings.ts';
import { ASLEEP, type Shared } from './shared.ts';
import { firstNested, WAITED_FOR } from './stacked.ts';

const MOST_LINES = 24;

export function dumpOf(shared: Shared): string {
  const { sizes, ops } = shared;
  const lines: string[] = [];
  for (let i = 0; i < shared.nested.length && lines.length < MOST_LINES; i++) {
    if (Atomics.load(shared.nested, i) !== WAITED_FOR) continue;
    const tag = firstNested(sizes) + i;
    const upper = ops.device[tag]! - sizes.devices / 2;
    const op = i < firstNested(sizes) ? i : tag + sizes.flushRequests;
    const where =
      ops.st[tag]! > 0 ? 'under way' : ops.queue[tag] === NO_QUEUE ? 'parked' : `in queue ${ops.queue[tag]}`;
    lines.push(
      `worker ${ops.worker[op]} waits for device ${ops.device[tag]}, below device ${upper}: ${KIND_NAMES[ops.kind[tag]!]} tag ${tag}, ${where}`,
    );
  }
  for (let q = 0; q < sizes.queues && lines.length < MOST_LINES; q++) {
    const depth = shared.queues.depth(q);
    if (depth > 0) lines.push(`queue ${q}: ${depth} queued`);
  }
  for (let d = 0; d < sizes.devices && lines.length < MOST_LINES; d++) {
    const parked = sizes.stages > 0 ? parkedAt(shared, d, 4) : [];
    const inbox = sizes.stages > 0 ? shared.inboxes.depth(d) : 0;
    const locked = Atomics.load(shared.locks, d * LINE) === 1;
    if (parked.length === 0 && inbox === 0 && !locked) continue;
    const first = parked
      .map((op) => `${KIND_NAMES[ops.kind[op]!]} tag ${op} of job ${ops.submitter[op]}`)
      .join(', ');
    lines.push(
      `gate of device ${d}: ${locked ? 'held' : 'free'}, ${inbox} in its inbox, parked: ${first || 'nothing'}`,
    );
  }
  const asleep = [];
  for (let w = 0; w < sizes.workers; w++) if (Atomics.load(shared.sleep, w * LINE) === ASLEEP) asleep.push(w);
  lines.push(`workers asleep: ${asleep.length > 0 ? asleep.join(', ') : 'none'}`);
  return lines.join('\n');
}
