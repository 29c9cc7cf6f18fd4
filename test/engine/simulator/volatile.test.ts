/**
 * The volatile disk against the enumeration of crash states: what the disk leaves when the power goes in the middle of a run is
 * among what ordering/crash makes of the run's history, and a client fares alike with both.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sceneOf } from '../../../benchmarks/clients/program.ts';
import { parseDesign } from '../../../benchmarks/designs.ts';
import { schedulerOf } from '../../../benchmarks/search/schedules.ts';
import { worldOf } from '../../../benchmarks/search/search.ts';
import { seededRandom } from '../../../benchmarks/statistics/seeded-random.ts';
import type { Image } from '../../../engine/simulator/disk.ts';
import { ENGINE, simulate } from '../../../engine/simulator/simulation.ts';
import type { Body } from '../../../engine/simulator/stage.ts';
import type { Cast, World } from '../../../engine/simulator/world.ts';
import { type Client, stepAt, transactionAt } from '../../../ordering/clients/client.ts';
import { fireAndForget } from '../../../ordering/clients/fire-and-forget.ts';
import { jbd2 } from '../../../ordering/clients/jbd2.ts';
import { newImage, recover } from '../../../ordering/clients/recover.ts';
import { type Player, recoveryOf } from '../../../ordering/clients/recovery.ts';
import { PRESETS, type Preset } from '../../../ordering/crash/odds.ts';
import { BEFORE, openShore } from '../../../ordering/crash/shore.ts';
import { syncsOf, walk } from '../../../ordering/crash/timeline.ts';
import { gather } from '../../../ordering/facts.ts';
import type { History } from '../../../ordering/history.ts';
import { numberUnits } from '../../../ordering/units.ts';

interface Crash {
  time: number;
  preset: Preset;
  image: Image;
}

/** The engine's threads, and now and then the power goes between two of their steps; the run goes on all the same. */
function failing(crashes: Crash[], random: () => number): Cast {
  function* beside(world: World, body: Body): Body {
    for (;;) {
      const { done, value } = body.next();
      if (done) return;
      if (random() < 0.05) {
        const preset = PRESETS[crashes.length % PRESETS.length]!;
        const image = world.disk.crash(world.shared.files[0]!, preset, random);
        crashes.push({ time: world.clock(), preset, image });
      }
      yield value;
    }
  }
  return { ...ENGINE, worker: (world, index) => beside(world, ENGINE.worker(world, index)) };
}

interface Run {
  history: History;
  world: ReturnType<typeof worldOf>;
  players: Player[];
  crashes: Crash[];
}

function run(client: Client, seed: number): Run {
  const { crew } = parseDesign('n-wq:4');
  const random = seededRandom(seed);
  const { program, players } = sceneOf(client, 2, 10, seed % 2 === 0 ? 'sync' : 'uring', random);
  const scheduler = schedulerOf('mixed', seed, program.operations.length, random);
  const crashes: Crash[] = [];
  const outcome = simulate(
    { ...crew!, parameter: 4 },
    program,
    scheduler,
    failing(crashes, seededRandom(1000 + seed)),
  );
  return { history: outcome.history, world: worldOf(program, outcome), players, crashes };
}

/** What a unit may show at a moment: by the enumeration's own sweep, what is durable and what is in the cache. */
function compare(
  { history, world, crashes }: Run,
  met: { whole: number; torn: number; cached: number },
): void {
  const facts = gather(history, world);
  const units = numberUnits(facts);
  const shore = openShore(facts, units);
  walk(shore, syncsOf(shore), (file, from, to) => {
    const inCache = [...shore.live[file]!].sort((a, b) => facts.co[a]! - facts.co[b]!);
    for (const { time, preset, image } of crashes) {
      if (time < from || time >= to) continue;
      const covers = (p: number, unit: number): boolean =>
        facts.unit[p]! <= unit && unit < facts.unit[p]! + facts.units[p]!;
      const idOf = (p: number, unit: number): number => units.id[units.at[p]! + unit - facts.unit[p]!]!;
      const whole = [...image.values()].every((sectors) =>
        sectors.every((version) => version === sectors[0]),
      );
      const left = new Set(
        [...image.values()]
          .flat()
          .filter((version) => version > 0)
          .map((v) => facts.place[v - 1]!),
      );
      for (const [unit, sectors] of image) {
        const any = [...facts.row.keys()].find((p) => covers(p, unit))!;
        const id = idOf(any, unit);
        const durable = shore.rivals.get(id) ?? [shore.base[id]!];
        const may = inCache.filter((p) => covers(p, unit) && facts.co[p]! >= shore.durableSt[id]!);
        for (const version of sectors) {
          const place = version === 0 ? BEFORE : facts.place[version - 1]!;
          assert.ok([...durable, ...may].includes(place), `unit ${unit} at ${time}: version ${version}`);
          if (may.includes(place)) met.cached++;
        }
        // Whole writes alone: the image is the state in which just these survive, the newest of them on top.
        if (!whole || preset !== 'all-or-nothing') continue;
        const newest = may.filter((p) => left.has(p)).at(-1) ?? shore.base[id]!;
        assert.equal(sectors[0], newest === BEFORE ? 0 : facts.row[newest]! + 1);
      }
      met[whole ? 'whole' : 'torn']++;
    }
  });
}

test('what the disk leaves is among the crash states of the history', () => {
  const met = { whole: 0, torn: 0, cached: 0 };
  for (let seed = 1; seed <= 12; seed++)
    for (const client of [jbd2, fireAndForget]) compare(run(client, seed), met);
  assert.ok(met.whole > 100 && met.torn > 100 && met.cached > 1000, JSON.stringify(met));
});

/** True when some player's journal does not recover from an image. */
function isLost({ history, players }: Run, { time, image }: Crash): boolean {
  return players.some(({ client, submitter, unit }) => {
    const first = submitter * history.rowsEach;
    const of = (version: number): number =>
      version === 0 ? 0 : Math.max(0, transactionAt(client, version - 1 - first));
    const region = newImage();
    for (const [at, sectors] of image) {
      if (at < unit || at >= unit + region.oldest.length) continue;
      const transactions = sectors.map(of);
      region.oldest[at - unit] = Math.min(...transactions);
      region.newest[at - unit] = Math.max(...transactions);
      region.first[at - unit] = transactions[0]!;
    }
    let promised = 0;
    for (let i = 0; i < history.count[submitter]!; i++) {
      if (!stepAt(client, i).promises) continue;
      if (history.ak[first + i]! >= time) break;
      promised = transactionAt(client, i);
    }
    return recover(client, region, promised) !== undefined;
  });
}

test('a client fares with what the disk leaves as with the crash states of the history', () => {
  let lost = 0;
  for (let seed = 1; seed <= 12; seed++) {
    for (const client of [jbd2, fireAndForget]) {
      const one = run(client, seed);
      const { unrecoverable, unrecoverableTorn } = recoveryOf(one.history, one.world, one.players, {
        budget: 2 ** 16,
        seed,
      });
      const here = one.crashes.filter((crash) => isLost(one, crash)).length;
      if (unrecoverable + unrecoverableTorn === 0) assert.equal(here, 0, `${client.name}, seed ${seed}`);
      if (client === jbd2) assert.equal(unrecoverable + unrecoverableTorn, 0);
      lost += here;
    }
  }
  assert.ok(lost > 20, `${lost}`);
});
