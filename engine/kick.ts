/** The main thread's kick: eight bytes into a thread's eventfd, which its ring reads. */
import { writeSync } from 'node:fs';

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

export function kickThread(fd: number): void {
  writeSync(fd, ONE);
}
