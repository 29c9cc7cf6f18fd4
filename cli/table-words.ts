/** What is said above and below the tables of a run, for a terminal and for a page alike. */
import {
  type Claim,
  claimFailures,
  type Group,
  notExercisedClaims,
  type Row,
} from '../benchmarks/summary.ts';
import { whyUntested } from '../benchmarks/untested.ts';
import { CONTRACTS, type Contract, type Verdict } from '../ordering/contracts.ts';
import { anyExercised, outOf } from './table-cells.ts';
import { plural, type Style } from './table-text.ts';

/** A label and what it says. */
export interface Item {
  label: string;
  text: string;
  style: Style;
}

/** The conditions that the numbers hold for: `direct, uring backend, 5 rounds`. */
export function facts({ backend, direct, rounds, submitters, topology, settings }: Group): string {
  return [
    // The null backend opens no file, so that direct and buffered mean nothing there.
    ...(backend === 'null' ? [] : [direct ? 'direct' : 'buffered']),
    `${backend} backend`,
    plural(rounds, 'round'),
    plural(submitters, 'submitter'),
    ...(topology.virtual ? [] : [`topology ${sizeOf(topology)}`]),
    ...(settings.stacked ? ['devices on devices'] : []),
    `spin ${settings.spin}`,
    settings.pinned ? 'pinned' : 'not pinned',
  ].join(', ');
}

function sizeOf({ sockets, cpus }: Group['topology']): string {
  return `${sockets}x${Math.ceil(cpus / sockets)}`;
}

/** What the numbers do not hold for. */
export function notes(group: Group): string[] {
  const { topology, host, backend } = group;
  const sockets = host.sockets === 1 ? 'one socket' : `${host.sockets} sockets`;
  const said: string[] = [];
  if (topology.virtual)
    said.push(`${sockets}, virtual topology ${sizeOf(topology)}: says nothing about sockets`);
  else if (host.sockets === 1) said.push('one socket: says nothing about sockets');
  if (backend === 'null') said.push('operations complete at once: the floor of the harness, not I/O');
  else if (/^(tmpfs|ramfs)\b/.test(host.fileSystem))
    said.push('the files are in memory: a flush makes nothing durable, and its latency means nothing');
  if (group.mixed.length > 0)
    said.push(`MIXED: the records differ in ${group.mixed.join(', ')}; the line above is the first one's`);
  const reached = group.rows
    .flatMap((row) => [row.iops?.interval, row.ratio?.interval])
    .flatMap((interval) => (interval && interval.confidence < 0.95 ? [interval.confidence * 100] : []));
  if (reached.length > 0) {
    const percents = [...new Set(reached)].sort((a, b) => b - a).map((it) => String(+it.toFixed(2)));
    said.push(
      `few rounds: intervals are the range, which covers ${percents.join(' or ')} %; 6 rounds reach 95 %`,
    );
  }
  const unsteady = group.rows.filter((row) => row.unsteady > 0);
  if (unsteady.length > 0) {
    const rows = unsteady.map((row) => `${row.design} ${row.unsteady}/${row.rounds}`);
    said.push(`NOT STEADY when the warm-up ended, trials: ${rows.join(', ')}`);
  }
  if (group.rounds === 1) said.push('one round: no intervals');
  return said;
}

/** One item per design and contract that went wrong; what fails the run comes first. */
export function findings(group: Group): Item[] {
  const claimed = claimFailures(group);
  const failed = group.rows.filter((row) => row.failures.length > 0);
  return [
    ...claimed.filter((it) => it.kind === 'lost').map((it) => item('VIOLATION', told(it), 'red')),
    ...claimed.filter((it) => it.kind === 'unproved').map((it) => item('UNPROVED', told(it), 'red')),
    ...group.rows.flatMap((row) =>
      row.skipped === undefined ? [] : [item('skipped', `${row.design}: ${row.skipped}`, 'yellow')],
    ),
    ...failed.map((row) => {
      const trials = plural(row.failures.length + row.rounds, 'trial');
      const { round, reason } = row.failures[0]!;
      const text = `${row.design}: ${row.failures.length} of ${trials}, first in round ${round}: ${reason.replaceAll('\n', ' | ')}`;
      return item('FAILED', text, 'red');
    }),
    ...group.rows
      .filter((row) => row.cut > 0)
      .map((row) => {
        const text = `${row.design}: ${row.cut} of ${plural(row.rounds, 'trial')} ended early, the history was full`;
        return item('cut', text, 'yellow');
      }),
    ...CONTRACTS.flatMap((contract) => {
      const text = unclaimedLoss(group, contract);
      return text === undefined ? [] : [item('finding', text, 'yellow')];
    }),
  ];
}

function item(label: string, text: string, style: Style): Item {
  return { label, text, style };
}

function told({ design, contract, verdict }: Claim & { verdict: Verdict }): string {
  const parts = (['lost', 'unproved'] as const).filter((what) => verdict[what] > 0);
  const counts = parts.map((what) => `${outOf(verdict[what], verdict)} ${what}`).join(', ');
  return `${design}, ${contract}: ${counts}. ${verdict.witness?.sentence ?? ''}`;
}

/** One finding per contract: which designs lost it without having claimed it, and the clearest witness among them. */
function unclaimedLoss(group: Group, contract: Contract): string | undefined {
  const losers = (of: Contract): Row[] =>
    group.rows.filter((row) => row.verdicts[of].lost > 0 && !row.claims.includes(of));
  const rows = losers(contract);
  if (rows.length === 0) return undefined;
  const counts = rows.map(
    (row) => `${row.design} ${outOf(row.verdicts[contract].lost, row.verdicts[contract])}`,
  );
  const text = `${contract}: lost by ${counts.join(', ')}.`;
  // `barrier` includes `submitted`, so a loss of the second is no news for the first.
  if (contract === 'barrier' && rows.every((row) => losers('submitted').includes(row))) {
    return `${text} It includes \`submitted\`.`;
  }
  const witnessed = rows.filter((row) => row.verdicts[contract].witness);
  const clearest = witnessed.find((row) => row.verdicts[contract].witness?.crossesQueues) ?? witnessed[0];
  return clearest ? `${text} ${clearest.design}: ${clearest.verdicts[contract].witness?.sentence}` : text;
}

/** The claims that no workload put to the test, with the reason. */
export function untestedClaims(groups: readonly Group[]): Item[] {
  const recorded = groups.filter((group) => group.settings.recording);
  const claims = notExercisedClaims(recorded);
  return CONTRACTS.flatMap((contract) => {
    const designsBy = new Map<string, string[]>();
    for (const { design } of claims.filter((claim) => claim.contract === contract)) {
      const why = whyUntested(recorded, design, contract);
      designsBy.set(why, [...(designsBy.get(why) ?? []), design]);
    }
    return [...designsBy].map(([why, designs]) =>
      item('untested', `${contract}: claimed by ${designs.join(', ')}; ${why}`, 'yellow'),
    );
  });
}

/** Explains what was printed and nothing else. */
export function legend(groups: readonly Group[]): string[] {
  const rows = groups.flatMap((group) => group.rows);
  const percentiles = rows.flatMap((row) => [row.flushP50, row.flushP99, row.readP99, row.writeP99]);
  const lines = [
    'IOPS: reads and writes a second, median over rounds; ±: the farther end of its interval. ratio: to the base, median over rounds of the quotient within a round, with its interval.',
    'CPU us/IO, cs/IO: CPU time and context switches per read, write or flush, of the whole machine (of submitters and workers alone).',
  ];
  if (rows.some((row) => (row.fsyncsPerFlush ?? 1) !== 1))
    lines.push('fsync/flush: FLUSHes that reached the backing file for each that was requested.');
  if (rows.some((row) => row.design.startsWith('kernel-loop') && row.rounds > 0))
    lines.push(
      'kernel-loop: the real /dev/loopN. What its driver does when is not observable from outside, so completed, submitted, barrier and dependent are not judged.',
    );
  if (percentiles.some((it) => it))
    lines.push('p50, p99: from submission to acknowledgement, over the latencies of all rounds together.');
  if (percentiles.some((it) => it && 'refused' in it))
    lines.push(
      'n<N: not printed, because N latencies is the least from which that percentile has a 95 % bound.',
    );
  if (rows.some((row) => row.ioWqThreads))
    lines.push(
      'io-wq: threads of the kernel that io_uring left work to, at most in a round; no design controls them.',
    );
  if (groups.some(anyExercised))
    lines.push(
      'contracts: proved n, all that was at stake held; unproved n/m, the window was open and harm unseen; LOST n/m, the rule was broken; -, nothing was at stake; *, the design claims it.',
    );
  return lines;
}
