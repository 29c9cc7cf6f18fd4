import { distance } from 'fastest-levenshtein';

/**
 * Bad input: a job file, a results file or a name that the user gave. The message says where (file:line), what,
 * the nearest right thing and the valid ones. The command line turns it into exit code 2.
 */
export class InputError extends Error {
  override name = 'InputError';
}

/**
 * The candidate that `name` was probably meant to be, case ignored; undefined when none is near. Near: at most a
 * third of the name's letters differ (at least two are allowed, or short names would never match).
 */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const letters = distance(wanted, candidate.toLowerCase());
    if (letters < least) {
      least = letters;
      best = candidate;
    }
  }
  return best;
}

/** The error for a name that is not in a list. `kind` is what it should have named; `where` is file:line. */
export function unknownName(
  kind: string,
  name: string,
  candidates: readonly string[],
  where?: string,
): InputError {
  const near = nearest(name, candidates);
  const guess = near === undefined ? '' : ` Did you mean '${near}'?`;
  const prefix = where === undefined ? '' : `${where}: `;
  return new InputError(`${prefix}unknown ${kind} '${name}'.${guess} Valid: ${candidates.join(', ')}.`);
}
