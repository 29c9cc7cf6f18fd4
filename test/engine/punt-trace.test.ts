import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { close, gettid, O_CREAT, O_RDWR, open } from '../../engine/libc.ts';
import { filterOf, openPuntTrace, whyNoPunts } from '../../engine/punt-trace.ts';
import { Ring } from '../../engine/ring.ts';
import { folderFor, lacking, mounted } from '../cli/program.ts';

test('threads with numbers in a row are one term of the filter', () => {
  assert.equal(filterOf([7]), 'common_pid==7');
  assert.equal(
    filterOf([5, 3, 4, 9, 11, 12]),
    '(common_pid>=3&&common_pid<=5)||common_pid==9||(common_pid>=11&&common_pid<=12)',
  );
});

const skip = lacking('mount');

test('what a ring leaves to io-wq is counted, for the threads named and while it is open', { skip }, (t) => {
  const folder = folderFor(t);
  const root = mounted(t, folder, '-t', 'tracefs', 'tracefs');
  assert.equal(whyNoPunts(), undefined);
  const instances = join(root, 'instances');
  // Of a run that was killed: no process has this number.
  const stale = join(instances, 'loopwq-99999999');
  mkdirSync(stale);
  const fsyncs = (n: number): void => {
    const fd = open(join(folder, 'file'), O_RDWR | O_CREAT);
    const ring = new Ring(8);
    for (let i = 0; i < n; i++) {
      ring.fsync(fd, false, i);
      ring.enter(1);
      while (ring.reap());
    }
    ring.close();
    close(fd);
  };
  fsyncs(1);

  // So many threads far apart that the kernel takes no filter of them.
  assert.equal(openPuntTrace(Array.from({ length: 400 }, (_, i) => 1e6 + 2 * i)), undefined);
  const trace = openPuntTrace([gettid()]);
  assert.ok(trace);
  assert.equal(existsSync(stale), false);
  assert.equal(trace.count(), 0);
  // io_uring never calls fsync in the submitter.
  fsyncs(5);
  assert.equal(trace.count(), 5);
  // The buffer holds some 50 events a CPU: those that were overrun count as well.
  fsyncs(300);
  assert.equal(trace.count(), 305);
  // One run of a process has the instance.
  assert.equal(openPuntTrace([gettid()]), undefined);
  assert.equal(trace.count(), 305);
  trace.close();
  assert.deepEqual(
    readdirSync(instances).filter((name) => name === `loopwq-${process.pid}`),
    [],
  );
  assert.equal(trace.count(), undefined);

  const other = openPuntTrace([gettid() + 1]);
  fsyncs(5);
  assert.equal(other?.count(), 0);
  other?.close();
});
