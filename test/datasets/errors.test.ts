import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError, nearest, unknownName } from '../../datasets/errors.ts';

test('nearest finds the typing error, ignores case, and keeps quiet when nothing is near', () => {
  assert.equal(nearest('iodpth', ['bs', 'iodepth', 'direct']), 'iodepth');
  assert.equal(nearest('RW', ['bs', 'rw']), 'rw');
  assert.equal(nearest('rw', []), undefined);
  assert.equal(nearest('steadystate', ['bs', 'rw', 'size']), undefined);
});

test('of two equally near names the first in the list wins', () => {
  assert.equal(nearest('disk', ['disk0', 'disk1']), 'disk0');
  assert.equal(nearest('disk', ['disk1', 'disk0']), 'disk1');
});

test('unknownName says where, what, the nearest and all', () => {
  const error = unknownName('key', 'sise', ['bs', 'size'], 'a.fio:3');
  assert.ok(error instanceof InputError);
  assert.equal(error.name, 'InputError');
  assert.equal(error.message, "a.fio:3: unknown key 'sise'. Did you mean 'size'? Valid: bs, size.");
  assert.equal(unknownName('chart', 'zebra', ['bars']).message, "unknown chart 'zebra'. Valid: bars.");
});
