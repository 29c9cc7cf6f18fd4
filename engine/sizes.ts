/** What a design's shared memory has to hold. */
import type { Front, GatePolicy } from '../strategies/types.ts';
import { instancesOf, stagesOf, wordsOf } from './gate.ts';
import type { Sizes } from './shared.ts';

/** The parts of a design that keep something per device or per tag, whatever its layout is. */
export interface Gates {
  flush: GatePolicy;
  order: GatePolicy | undefined;
  front: Front | undefined;
}

/**
 * @param gates undefined for a reference row, which has none
 * @param asked what the layout and the workload ask for, `tags` those of all submitters
 * @param stacked half of the devices lie on the other half, and what goes down to those has tags of its own
 */
export function sizesOf(
  gates: Gates | undefined,
  cpus: number,
  asked: Omit<Sizes, 'flushRequests' | 'stages' | 'policyWords' | 'nested'>,
  stacked = false,
): Sizes {
  const front = gates?.front;
  const instances = instancesOf(front, cpus);
  const flushRequests = asked.devices * instances;
  const nested = stacked ? asked.tags + flushRequests : 0;
  const tags = asked.tags + nested + flushRequests;
  const stages = gates ? stagesOf(gates.order ? [gates.flush, gates.order] : [gates.flush]) : [];
  return {
    ...asked,
    tags,
    flushRequests,
    ...(stacked ? { nested } : {}),
    stages: stages.length + (front ? 1 : 0),
    policyWords: stages.reduce((sum, policy) => sum + wordsOf(policy, tags), (front?.words ?? 0) * instances),
  };
}
