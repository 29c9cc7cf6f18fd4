/**
 * The reference row `kernel-loop`: the submitters' own rings on the real /dev/loopN over the same backing files, opened
 * O_DIRECT so that nothing stands between them and the driver. `direct-io` of the driver is what the cell asks for.
 */

import type { BackingFile } from '../engine/backing.ts';
import { makeCgroups, moveThread, removeCgroup, whyNoCgroups } from '../engine/cgroups.ts';
import type { Crew } from '../engine/crew.ts';
import { MachineError } from '../engine/errors.ts';
import { close, errorName, O_DIRECT, O_RDWR, open } from '../engine/libc.ts';
import { attachLoop, detachLoop, flushesOf, setDirectIo, whyNoLoop } from '../engine/loop-device.ts';
import { whyNoRing } from '../engine/ring.ts';
import type { Design } from './designs.ts';

export interface KernelLoops {
  /** Per workload name, by device. */
  devices: Map<string, { path: string; fd: number }[]>;
  /** Loop devices under those, where devices are stacked. */
  below: string[];
  /** Folders of the cgroups that jobs are put into, as many as the widest row asks for. */
  cgroups: string[];
  /** Why the kernel refused an attach, or direct I/O in the present cell: the rows then stand with it. */
  refused: string | undefined;
}

/** Why a reference row can't run here: it then stands with this reason. A design that can't ends the run. */
export function whyNot(design: Design): string | undefined {
  if (design.reference === undefined) return undefined;
  const noRing = whyNoRing();
  if (noRing !== undefined || design.reference.kind === 'raw') return noRing;
  return whyNoLoop() ?? (design.reference.cgroups > 0 ? whyNoCgroups() : undefined);
}

export function noLoops(): KernelLoops {
  return { devices: new Map(), below: [], cgroups: [], refused: undefined };
}

/**
 * Attaches a loop device over each backing file, into `loops`, so that a failure half-way leaves nothing unknown; with `stacked` a
 * second one over the first.
 */
export function attachLoops(
  loops: KernelLoops,
  workload: string,
  files: readonly BackingFile[],
  folder: string,
  stacked = false,
): void {
  const attached: { path: string; fd: number }[] = [];
  loops.devices.set(workload, attached);
  for (const file of files) {
    let path = attachLoop(file.path, folder);
    if (stacked) {
      loops.below.push(path);
      path = attachLoop(path, folder);
    }
    attached.push({ path, fd: -1 });
    const fd = open(path, O_RDWR | O_DIRECT);
    if (fd < 0) throw new MachineError(`open of ${path}: ${errorName(fd)}`);
    attached.at(-1)!.fd = fd;
  }
}

/** Makes the cgroups that the widest row asks for. */
export function prepareCgroups(loops: KernelLoops, designs: readonly Design[]): void {
  const most = Math.max(
    0,
    ...designs.map((d) => (d.reference?.kind === 'kernel-loop' ? d.reference.cgroups : 0)),
  );
  if (most > 0) loops.cgroups = makeCgroups(most);
}

/** Puts the submitters of a crew into the first `cgroups` groups, in turn. */
export function joinCgroups(loops: KernelLoops, crew: Crew, cgroups: number): void {
  if (cgroups === 0) return;
  for (const member of crew.members) moveThread(member.tid, loops.cgroups[member.index % cgroups]!);
}

export function switchDirectIo(loops: KernelLoops, workload: string, direct: boolean): void {
  const devices = loops.devices.get(workload);
  if (devices === undefined) return;
  loops.refused = undefined;
  try {
    for (const { path } of devices) setDirectIo(path, direct);
  } catch (error) {
    loops.refused = (error as Error).message;
  }
}

/** FLUSH requests that the drivers of a workload's devices have executed so far. */
export function flushesSoFar(loops: KernelLoops, workload: string): number {
  return (loops.devices.get(workload) ?? []).reduce((sum, { path }) => sum + flushesOf(path), 0);
}

/** Detaches everything; the threads have left the cgroups or have ended. The first error goes on when all was tried. */
export function detachLoops(loops: KernelLoops): void {
  const errors: unknown[] = [];
  for (const devices of loops.devices.values()) {
    for (const { fd } of devices) if (fd >= 0) close(fd);
  }
  for (const path of [...[...loops.devices.values()].flat().map((device) => device.path), ...loops.below]) {
    try {
      detachLoop(path);
    } catch (error) {
      errors.push(error);
    }
  }
  loops.devices.clear();
  loops.below = [];
  for (const folder of loops.cgroups) removeCgroup(folder);
  loops.cgroups = [];
  if (errors.length > 0) throw errors[0];
}
