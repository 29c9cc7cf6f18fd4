import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultTopology, parseTopology, topologyFor } from '../../benchmarks/topology.ts';
import { InputError } from '../../datasets/errors.ts';

test('SxC is so many sockets of so many CPUs each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), (sockets, each) => {
      const choice = parseTopology(`${sockets}x${each}`);
      assert.deepEqual([choice.sockets, choice.cpusPerSocket], [sockets, each]);
    }),
  );
});

test('anything else is refused with an example', () => {
  const bad = ['', 'x', '2', '2x', 'x4', '0x4', '2x0', '-2x4', '2x4x1', '2X4', ' 2x4', '2.5x4', '1e2x4'];
  for (const text of bad) {
    assert.throws(
      () => parseTopology(text),
      (error) =>
        error instanceof InputError && error.message.endsWith('sockets x CPUs per socket, as in 2x4'),
      text,
    );
  }
});

test('more CPUs than any machine has are refused with the number', () => {
  assert.equal(parseTopology('4096x1').sockets, 4096);
  for (const text of ['4097x1', '64x65', `${'9'.repeat(400)}x1`])
    assert.throws(() => parseTopology(text), /^InputError: --topology '.*': 4096 CPUs at most$/);
});

test('every topology is virtual: no thread is bound to the socket that it plays', () => {
  for (const text of ['1x1', '2x4', '8x1']) assert.equal(parseTopology(text).virtual, true, text);
});

const machines = fc.record({
  sockets: fc.integer({ min: 1, max: 8 }),
  cores: fc.integer({ min: 1, max: 256 }),
  submitters: fc.integer({ min: 1, max: 300 }),
});

test('by default the sockets are those of the machine, and every submitter has a CPU', () => {
  fc.assert(
    fc.property(machines, ({ sockets, cores, submitters }) => {
      const choice = defaultTopology(sockets, cores, submitters);
      assert.ok(choice.sockets * choice.cpusPerSocket >= submitters);
      assert.ok(choice.sockets * (choice.cpusPerSocket - 1) < submitters, 'no more CPUs than that takes');
      assert.equal(choice.virtual, true);
      if (sockets > 1) assert.equal(choice.sockets, sockets);
    }),
  );
});

test('on a machine of one socket each core plays one', () => {
  assert.deepEqual(defaultTopology(1, 2, 4), { sockets: 2, cpusPerSocket: 2, virtual: true });
  assert.deepEqual(defaultTopology(1, 4, 8), { sockets: 4, cpusPerSocket: 2, virtual: true });
  assert.deepEqual(defaultTopology(1, 0, 1), { sockets: 1, cpusPerSocket: 1, virtual: true });
});

test('what a strategy sees: CPUs of one socket are neighbours, each socket has as many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (sockets, cpusPerSocket) => {
      const spec = topologyFor({ sockets, cpusPerSocket, virtual: true }, 3, 5);
      assert.deepEqual(
        [spec.cpus, spec.sockets, spec.devices, spec.cgroups],
        [sockets * cpusPerSocket, sockets, 3, 5],
      );
      assert.equal(spec.socketOf.length, spec.cpus);
      assert.deepEqual(
        spec.socketOf,
        [...spec.socketOf].sort((a, b) => a - b),
      );
      for (let socket = 0; socket < sockets; socket++) {
        assert.equal(spec.socketOf.filter((of) => of === socket).length, cpusPerSocket);
      }
    }),
  );
});
