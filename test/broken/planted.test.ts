/** The checker rejects every planted bug by a rule that it breaks, and what the bugs are built of by none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detect } from '../../benchmarks/search/detection.ts';
import { brokenClaims, type Subject, search } from '../../benchmarks/search/search.ts';
import { detection } from './detection.ts';
import { flagFront } from './flag-front.ts';
import { hastyCast } from './hasty.ts';
import { PLANTED } from './index.ts';
import { GATELESS, lockFreeQuiesce } from './lock-free-quiesce.ts';
import { plant } from './planted.ts';
import { unchanged } from './quiesce-parts.ts';

/** Several times what the slowest one takes. */
const MOST = 10_000;
const CONTROLS = 300;

for (const bug of PLANTED) {
  test(`${bug.name} is rejected, naming ${bug.breaks.join(' or ')} and nothing else`, () => {
    const found = detect(bug, 1, MOST, 'mixed');
    assert.ok(found !== undefined, 'not found');
    assert.deepEqual(
      found.rules.filter((rule) => !bug.breaks.includes(rule)),
      [],
    );
  });
}

test('without its mistake none of the buildings is rejected', () => {
  const on = 'n-wq:2';
  const sound: Subject[] = [
    plant({ name: 'parts', breaks: [], on, parts: { flush: unchanged } }),
    plant({ name: 'lock-free', breaks: [], on, parts: { flush: GATELESS }, cast: lockFreeQuiesce({}) }),
    plant({ name: 'patient', breaks: [], on, cast: hastyCast(() => () => false) }),
    plant({ name: 'flags', breaks: [], on, parts: { front: flagFront('flags', (flags) => flags) } }),
  ];
  for (const subject of sound) {
    const result = search(subject, 1, CONTROLS, 'mixed');
    assert.deepEqual(brokenClaims(result), [], `${subject.name}: ${JSON.stringify(result.first)}`);
  }
});

test('npm run detection says so, and would say otherwise', () => {
  const lines: string[] = [];
  assert.equal(
    detection({ stretches: 1, seeds: 2, designs: ['n-wq:2', 'single-wq+quiesce'], shrinks: false }, (line) =>
      lines.push(line),
    ),
    true,
  );
  assert.ok(
    lines.includes('15 of 15 planted bugs found in every stretch, each by a rule that it breaks.'),
    lines.join('\n'),
  );
  assert.equal(lines.at(-1), '0 false alarms in 4 schedules of 2 sound designs.');
});
