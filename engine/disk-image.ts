/**
 * A file system of the run's own: made in an image in the run's folder and mounted there over a loop device, which goes when it is
 * unmounted. Needs root. What a killed run left mounted is found by its folder.
 */
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { whyNoLoop } from './loop-device.ts';
import { hasTool, runTool } from './tool.ts';

/** File systems and what makes one, with the Debian package that has it. */
const MAKERS = {
  btrfs: { mkfs: ['mkfs.btrfs', '-q', '-f'], package: 'btrfs-progs' },
  xfs: { mkfs: ['mkfs.xfs', '-q', '-f'], package: 'xfsprogs' },
  ext4: { mkfs: ['mkfs.ext4', '-q', '-F'], package: 'e2fsprogs' },
} as const;
export type FileSystem = keyof typeof MAKERS;
/** Those on which a file can be cloned. */
export const REFLINK_SYSTEMS = ['btrfs', 'xfs'] as const;

/** Why this machine can't make such a file system for us; undefined when it can. */
export function whyNoDisk(kind: FileSystem): string | undefined {
  const reason = whyNoLoop();
  if (reason !== undefined) return reason;
  const { mkfs, package: name } = MAKERS[kind];
  return hasTool(mkfs[0]) ? undefined : `${mkfs[0]} is not installed (Debian: apt-get install ${name})`;
}

/**
 * Makes a file system of `bytes` bytes in a sparse image in `folder`, and mounts it.
 *
 * @returns the folder where it is mounted, which lies in `folder`
 * @throws MachineError with the words of mkfs or mount
 */
export function makeDisk(folder: string, kind: FileSystem, bytes: number): string {
  const image = join(folder, `${kind}.img`);
  writeFileSync(image, '');
  truncateSync(image, bytes);
  makeFileSystem(kind, image);
  return mountAt(folder, kind, image, '-o', 'loop');
}

/** Makes a file system on a file or a device. */
export function makeFileSystem(kind: FileSystem, target: string): void {
  const [program, ...options] = MAKERS[kind].mkfs;
  runTool(program, ...options, target);
}

/** Mounts something on a new folder `name` in `folder`. */
export function mountAt(folder: string, name: string, source: string, ...options: string[]): string {
  const point = join(folder, name);
  mkdirSync(point, { recursive: true });
  runTool('mount', ...options, source, point);
  return point;
}

/** Unmounts whatever is mounted in a folder, the innermost first; files that are open keep theirs until they are closed. */
export function unmountUnder(folder: string): void {
  for (const point of mountPoints().reverse()) {
    if (point.startsWith(folder + sep)) runTool('umount', '--lazy', point);
  }
}

/** In the order in which they were mounted; proc(5) writes spaces and the like as \ooo. */
function mountPoints(): string[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mounts', 'utf8');
  } catch {
    return [];
  }
  const points = text.split('\n').flatMap((line) => line.split(' ')[1] ?? []);
  return points.map((point) =>
    point.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
  );
}

/** Takes away what is mounted on a folder, which nobody uses any more. */
export function unmount(point: string): void {
  runTool('umount', point);
}
