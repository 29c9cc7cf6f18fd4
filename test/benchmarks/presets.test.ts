import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allDesigns, parseDesign } from '../../benchmarks/designs.ts';
import { PRESETS } from '../../benchmarks/presets.ts';
import { STRATEGIES } from '../../strategies/index.ts';

test('a preset keeps its name and is the design that it stands for', () => {
  for (const { name, design } of PRESETS) {
    const preset = parseDesign(name);
    const plain = parseDesign(design);
    assert.equal(preset.name, name);
    assert.deepEqual(preset.crew, plain.crew);
    assert.deepEqual(preset.claims, plain.claims);
    assert.deepEqual(preset.parameters, { ...plain.parameters, design: plain.name });
  }
});

test('shipped kernels since 4.0 have blk-flush in front, and only they', () => {
  for (const { name, design } of PRESETS) {
    assert.equal(design.startsWith('blk-flush>'), /^linux-[4-9]/.test(name), name);
  }
});

test('all designs are all strategies and all presets, each once and each a design', () => {
  const names = allDesigns();
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, STRATEGIES.length + PRESETS.length);
  assert.equal(new Set(names.map((name) => parseDesign(name).name)).size, names.length);
});
