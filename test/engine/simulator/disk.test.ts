/** The volatile cache by hand: what a crash can leave, and what it can't. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import { Disk } from '../../../engine/simulator/disk.ts';
import { PRESETS } from '../../../ordering/crash/odds.ts';
import { FLUSH, WRITE } from '../../../ordering/history.ts';

const SECTORS = 8;

function openDisk(): {
  disk: Disk;
  file: number;
  write(version: number, unit: number, through?: boolean): void;
} {
  const disk = new Disk(4);
  const file = disk.open(0);
  const write = (version: number, unit: number, through = false): void => {
    disk.begin(0, { kind: WRITE, descriptor: file, unit, units: 1, device: 0, version, through });
    disk.finish(0);
    disk.take(0);
  };
  return { disk, file, write };
}

function flush(disk: Disk, file: number): void {
  disk.begin(1, { kind: FLUSH, descriptor: file, unit: 0, units: 0, device: 0, version: 0, through: false });
  disk.finish(1);
  disk.take(1);
}

/** Every version that a crash left in some sector of a unit, over many crashes and all presets. */
function leftIn(disk: Disk, file: number, unit: number): Set<number> {
  const random = seededRandom(7);
  const left = new Set<number>();
  for (let i = 0; i < 300; i++) {
    const image = disk.crash(file, PRESETS[i % PRESETS.length]!, random);
    assert.equal(image.get(unit)!.length, SECTORS);
    for (const version of image.get(unit)!) left.add(version);
  }
  return left;
}

test('a write in the cache may be lost, one that was flushed or went through may not', () => {
  const { disk, file, write } = openDisk();
  write(1, 0);
  write(2, 1);
  assert.deepEqual(leftIn(disk, file, 0), new Set([1, 0]));
  flush(disk, file);
  assert.deepEqual(leftIn(disk, file, 0), new Set([1]));
  write(3, 0);
  write(4, 0);
  assert.deepEqual(leftIn(disk, file, 0), new Set([1, 3, 4]));
  write(5, 0, true);
  assert.deepEqual(leftIn(disk, file, 0), new Set([5]));
  assert.deepEqual(leftIn(disk, file, 1), new Set([2]));
  assert.equal(disk.holds(file, 0, 0), 5);
});

test('what is in flight may have landed, in part as well, and a read does not see it', () => {
  const { disk, file, write } = openDisk();
  write(1, 0);
  flush(disk, file);
  disk.begin(2, { kind: WRITE, descriptor: file, unit: 0, units: 1, device: 0, version: 2, through: false });
  assert.deepEqual(leftIn(disk, file, 0), new Set([1, 2]));
  assert.equal(disk.holds(file, 0, 0), 1);
  const random = seededRandom(3);
  const torn = Array.from({ length: 200 }, () => new Set(disk.crash(file, 'foundationdb', random).get(0)));
  assert.ok(torn.some((versions) => versions.size === 2));
  const whole = Array.from({ length: 200 }, () => new Set(disk.crash(file, 'all-or-nothing', random).get(0)));
  assert.ok(whole.every((versions) => versions.size === 1));
});

test('a flush of one file leaves the cache of another as it is', () => {
  const { disk, file, write } = openDisk();
  const other = disk.open(1);
  write(1, 0);
  flush(disk, other);
  assert.deepEqual(leftIn(disk, file, 0), new Set([1, 0]));
});
