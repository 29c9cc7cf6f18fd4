/** What the clients of one trial on real threads did: how many transactions were made safe, and how long each took. */
import { stepAt } from '../../ordering/clients/client.ts';
import type { Player } from '../../ordering/clients/recovery.ts';
import type { History } from '../../ordering/history.ts';

/**
 * Nanoseconds of each transaction that was acknowledged as safe, from the submission of the first write of its journal to that
 * acknowledgement: what an fsync of the file system waits for.
 */
export function commitsOf(history: History, players: readonly Player[]): Float64Array {
  const values: number[] = [];
  for (const { client, submitter } of players) {
    const first = submitter * history.rowsEach;
    let began = 0;
    for (let i = 0; i < history.count[submitter]!; i++) {
      const { begins, promises } = stepAt(client, i);
      const row = first + i;
      if (begins) began = history.sb[row]!;
      if (promises && history.result[row]! >= 0) values.push(history.ak[row]! - began);
    }
  }
  return Float64Array.from(values);
}
