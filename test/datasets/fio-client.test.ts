/** Jobs that play a client: a key that fio does not have, and what may stand beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJobFile } from '../../datasets/fio.ts';
import { REGION_UNITS } from '../../ordering/clients/client.ts';
import { refuses } from './refusals.ts';

const REGION = REGION_UNITS * 4096;
const CLIENT = ['[a]', 'client=jbd2', 'time_based', 'runtime=1'];

test('clones of a client lie side by side on their file', () => {
  const text = [...CLIENT, 'filename=disk', 'numjobs=3', 'offset=64k', 'iodepth=8'].join('\n');
  const { jobs, files, unitBytes } = parseJobFile(text, 'a.fio');
  assert.equal(unitBytes, 4096);
  assert.deepEqual(files, [{ name: 'disk', bytes: 65_536 + 3 * REGION }]);
  assert.deepEqual(
    jobs.map(({ name, client, offset, size, bs, iodepth }) => [name, client, offset, size, bs, iodepth]),
    [0, 1, 2].map((k) => [`a.${k}`, 'jbd2', 65_536 + k * REGION, REGION, 16_384, 8]),
  );
});

test('a client beside a job of fio', () => {
  const text = [...CLIENT, 'filename=disk', '[b]', 'size=1m', 'filename=disk', 'offset=1m'].join('\n');
  const { jobs } = parseJobFile(text, 'a.fio');
  assert.deepEqual(
    jobs.map(({ client }) => client),
    ['jbd2', undefined],
  );
});

refuses({
  'a client that nobody knows': [
    ['[a]', 'client=jbd'],
    "a.fio:2: client can't be 'jbd'. Did you mean 'jbd2'? Allowed: jbd2, jbd2-async-commit, xfs-log, fire-and-forget.",
  ],
  'a pattern beside a client': [
    [...CLIENT, 'rw=randwrite'],
    "a.fio:5: job 'a' has both client and rw: its client decides that.",
  ],
  'flushes beside a client': [
    [...CLIENT, 'fsync=4'],
    "a.fio:5: job 'a' has both client and fsync: its client decides that.",
  ],
  'a size beside a client': [[...CLIENT, 'size=1m'], /has both client and size: its client decides that\.$/],
  'a client on several files': [[...CLIENT, 'nrfiles=2'], /a client, and that is on one file\.$/],
  'a client without an end': [['[a]', 'client=jbd2'], /^a\.fio:2: job 'a' .*set time_based and runtime\.$/],
  'a client off the blocks of its file system': [
    [...CLIENT, 'offset=512'],
    /^a\.fio:5: job 'a' has a client, whose blocks lie at multiples of 4096\.$/,
  ],
  'a key that nobody knows is still refused': [
    [...CLIENT, 'clients=jbd2'],
    /unknown key 'clients'. Did you mean 'client'/,
  ],
});
