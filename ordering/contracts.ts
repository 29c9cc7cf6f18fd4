/**
 * The ordering rules by name. docs/ARCHITECTURE.md defines each one; code, tests and output cite them by these
 * names and by no others.
 */
export const CONTRACTS = ['integrity', 'completed', 'submitted', 'barrier', 'dependent', 'progress'] as const;

export type Contract = (typeof CONTRACTS)[number];

/**
 * An operation of a witness, for a picture. Stamps are microseconds since the trial began; one that never came is absent.
 * See history.ts for their names.
 */
export interface WitnessOperation {
  /** Of KIND_NAMES, or `FSYNC` for the fsync that came last of those that could cover what was lost. */
  kind: string;
  submitter: number;
  /** Absent where the operation went through none. */
  queue?: number;
  worker?: number;
  unit: number;
  units: number;
  sb: number;
  se?: number;
  st?: number;
  co?: number;
  ak?: number;
}

/** The smallest violation that was found, told so that a kernel engineer can follow it. */
export interface Witness {
  /** One sentence: the operations, their queues, the times in microseconds since the trial began. */
  sentence: string;
  /** Rows of the history that it names. */
  rows: number[];
  /** True when the operations that it names went through two different queues. */
  crossesQueues: boolean;
  /** The rows in their order, and behind them the fsync where it is none of them. The checker leaves it out. */
  operations?: WitnessOperation[];
}

/**
 * What a history says of one contract. A situation is a flush (`completed`, `submitted`, `barrier`), a read
 * (`integrity`), an operation with an overlapping predecessor (`dependent`) or any operation (`progress`).
 */
export interface Verdict {
  /** Situations that could have gone wrong and demonstrably did not. */
  proved: number;
  /** Situations where the window was open but harm was not seen. */
  unproved: number;
  /** Situations that broke the rule. */
  lost: number;
  /** Situations in which nothing was at stake. */
  notExercised: number;
  /** Present when lost > 0, and for a rule with unproved > 0 and nothing lost. */
  witness?: Witness;
}

export type Verdicts = Record<Contract, Verdict>;
