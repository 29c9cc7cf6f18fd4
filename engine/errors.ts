/** The machine cannot do what was asked: what failed, the likely cause, the remedy. Exit code 4. */
export class MachineError extends Error {
  override name = 'MachineError';
}

/** The code of a design threw: the message names the design and has the stack of its thread. Exit code 1. */
export class DesignError extends Error {
  override name = 'DesignError';
}
