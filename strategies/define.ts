/**
 * What a module outside of this tree hands over as its default export: a strategy or a policy with a word that says which of them
 * it is. The functions only add the word and let TypeScript look at the rest; benchmarks/plugins.ts looks again when it loads one.
 */
import type { GatePolicy, Strategy } from './types.ts';

export interface StrategyPlugin extends Strategy {
  plugin: 'strategy';
}

export interface PolicyPlugin extends GatePolicy {
  plugin: 'flush policy' | 'order policy';
}

export type Plugin = StrategyPlugin | PolicyPlugin;

/**
 * A queue design of one's own, for `--design FILE`.
 *
 * @example export default defineStrategy({ name: 'mine', summary: '…', source: '…', claims: ['integrity'], open() { … } });
 */
export function defineStrategy(strategy: Strategy): StrategyPlugin {
  return Object.assign(strategy, { plugin: 'strategy' as const });
}

/** What a FLUSH waits for: takes the place of `quiesce` in a design's name. */
export function defineFlushPolicy(policy: GatePolicy): PolicyPlugin {
  return Object.assign(policy, { plugin: 'flush policy' as const });
}

/** How overlapping operations keep their order: takes the place of `range-lock` in a design's name. */
export function defineOrderPolicy(policy: GatePolicy): PolicyPlugin {
  return Object.assign(policy, { plugin: 'order policy' as const });
}
