/** The machine cannot do what was asked: what failed, the likely cause, the remedy. Exit code 4. */
export class MachineError extends Error {
  override name = 'MachineError';
}
