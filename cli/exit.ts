/** Exit codes of every command. */
export const EXIT = {
  fine: 0,
  /** A regression, a violated claim, or a design whose code threw. */
  violated: 1,
  /** Wrong usage or unreadable input. */
  usage: 2,
  /** Inconclusive, or a claim not exercised, under --strict. */
  inconclusive: 3,
  /** The machine cannot do what was asked. */
  machine: 4,
  interrupted: 130,
} as const;
