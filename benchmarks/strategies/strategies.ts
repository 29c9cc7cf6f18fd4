/**
 * `npm run bench:strategies [-- FIGURE ...]`: what the designs promise of speed, each beside its peer in one interleaved run, as medians
 * over shuffled rounds with intervals. Without names all figures. The tables are Markdown, as docs/strategies-measured.md has them.
 */
import { unknownName } from '../../datasets/errors.ts';
import { readHost } from '../../datasets/host.ts';
import { exitNow } from '../../engine/libc.ts';
import { leaveOnSignal } from '../leave-on-signal.ts';
import { FIGURES } from './figures.ts';

const EFFORT = {
  rounds: Number(process.env.LOOPWQ_STRATEGIES_ROUNDS ?? 15),
  seconds: Number(process.env.LOOPWQ_STRATEGIES_SECONDS ?? 0.3),
};

async function main(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (FIGURES.some((figure) => figure.name === name)) continue;
    throw unknownName(
      'figure',
      name,
      FIGURES.map((figure) => figure.name),
    );
  }
  const host = readHost(process.cwd());
  console.log(
    `${host.cpuModel}, ${host.cores} cores, Linux ${host.kernel}, ${host.fileSystem.split(' ')[0]}, Node ${host.node}; ` +
      `${EFFORT.rounds} shuffled rounds of ${EFFORT.seconds} s; medians [intervals]`,
  );
  for (const { name, question, run } of FIGURES) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n## ${name}: ${question}\n\n${await run(EFFORT)}`);
  }
}

leaveOnSignal();
await main(process.argv.slice(2)).then(
  () => exitNow(0),
  (error: Error) => {
    console.error(error.name === 'InputError' ? error.message : error.stack);
    exitNow(error.name === 'InputError' ? 2 : 1);
  },
);
