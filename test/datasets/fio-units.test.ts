import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlag, parseSize, parseTime, parseWhole } from '../../datasets/fio-units.ts';

test('sizes are what fio 3.33 makes of them', () => {
  const known: Record<string, number> = {
    '0': 0,
    '512': 512,
    '512b': 512,
    '4k': 4096,
    '4K': 4096,
    '4kb': 4096,
    '4kB': 4096,
    '1m': 1048576,
    '1M': 1048576,
    '64MB': 67108864,
    '1g': 1073741824,
    '1t': 1099511627776,
    '1p': 1125899906842624,
    '0x1000': 4096,
    '0X1000': 4096,
    // Not octal: fio wrote 10000 bytes for this one.
    '010000': 10000,
  };
  for (const [text, bytes] of Object.entries(known)) assert.equal(parseSize(text), bytes, text);
});

test('sizes that mean two things or nothing are refused', () => {
  for (const text of [
    '',
    'k',
    '4KiB',
    '4Ki',
    '10%',
    '1.5m',
    '-4k',
    '4 k',
    '4k,8k',
    '4k-8k',
    // fio drops the unit: 16 bytes.
    '0x10k',
    '0x',
    // fio reads the 4 and the 1.
    '4*1024',
    '1e3',
    // fio of Debian has no arithmetic.
    '(4*1024)k',
    '9999999t',
  ]) {
    assert.equal(parseSize(text), undefined, text);
  }
});

test('times are seconds, and m is minutes', () => {
  const known: Record<string, number> = {
    '0': 0,
    '30': 30,
    '30s': 30,
    '200ms': 0.2,
    '200MS': 0.2,
    '200msec': 0.2,
    '5us': 0.000005,
    '5usec': 0.000005,
    '2m': 120,
    '1h': 3600,
    '1d': 86400,
  };
  for (const [text, seconds] of Object.entries(known)) assert.equal(parseTime(text), seconds, text);
  for (const text of ['', 's', '1.5', '1min', '1sec', '-1', '1 s', '00:10', '99999999999999999s']) {
    assert.equal(parseTime(text), undefined, text);
  }
});

test('whole numbers and flags', () => {
  assert.equal(parseWhole('32'), 32);
  for (const text of ['', '-1', '1e3', '1.0', '0x10', '9007199254740993']) {
    assert.equal(parseWhole(text), undefined, text);
  }
  assert.equal(parseFlag('1'), true);
  assert.equal(parseFlag('0'), false);
  for (const text of ['', 'true', 'yes', '2']) assert.equal(parseFlag(text), undefined, text);
});
