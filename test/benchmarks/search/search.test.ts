import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { everyDesign } from '../../../benchmarks/search/every-design.ts';
import { brokenClaims, search } from '../../../benchmarks/search/search.ts';
import { CONTRACTS, type Contract } from '../../../ordering/contracts.ts';

/** More than two of each kind; `npm run detection` tries many. */
const SEEDS = 3;

test('every strategy behind every front with every policy keeps what it claims under a search', () => {
  const proved = new Map<Contract, number>();
  const names = everyDesign();
  assert.ok(names.length > 500);
  for (const [i, text] of names.entries()) {
    const { name, crew, claims } = parseDesign(text);
    const result = search(
      { name, claims, design: { ...crew!, parameter: crew!.ref.parameter } },
      1 + i * SEEDS,
      SEEDS,
      'mixed',
    );
    assert.deepEqual(brokenClaims(result), [], `${name}: ${JSON.stringify(result.first)}`);
    for (const claim of claims) proved.set(claim, (proved.get(claim) ?? 0) + result.verdicts[claim].proved);
  }
  for (const contract of CONTRACTS) assert.ok(proved.get(contract)! > 100, `${contract} was put to no test`);
});
