/** Machines, parameters and operations on which strategies are tried. */
import fc from 'fast-check';
import { FLUSH, READ, WRITE } from '../../ordering/history.ts';
import type { Strategy, Topology } from '../../strategies/types.ts';
import type { Operation } from './runtime.ts';

/** Machines of up to 4 sockets with up to `most` CPUs each, and up to 6 devices. */
export const machines = (most: number): fc.Arbitrary<Topology> =>
  fc
    .record({
      sockets: fc.integer({ min: 1, max: 4 }),
      each: fc.integer({ min: 1, max: most }),
      devices: fc.integer({ min: 1, max: 6 }),
      cgroups: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ sockets, each, devices, cgroups }) => ({
      cpus: sockets * each,
      sockets,
      devices,
      cgroups,
      socketOf: Uint16Array.from({ length: sockets * each }, (_, cpu) => Math.floor(cpu / each)),
    }));

export const topologies = machines(5);

/** A parameter that the strategy takes, its bounds and its default most of all; 0 where it takes none. */
export function parameters({ parameter }: Strategy): fc.Arbitrary<number> {
  if (!parameter) return fc.constant(0);
  const { least, most, default: usual } = parameter;
  return fc.oneof(fc.constantFrom(least, most, usual), fc.integer({ min: least, max: most }));
}

export function everyOperation({ cpus, devices, cgroups }: Topology): Operation[] {
  const all: Operation[] = [];
  for (const kind of [READ, WRITE, FLUSH]) {
    for (let cpu = 0; cpu < cpus; cpu++) {
      for (let device = 0; device < devices; device++)
        all.push({ kind, cpu, device, cgroup: (cpu * 7) % cgroups });
    }
  }
  return all;
}
