/**
 * The real /dev/loopN over a backing file, by losetup(8). Whoever attaches detaches; what a killed run left attached is found by
 * its backing file, so no record has to be written in time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { sep } from 'node:path';

/** Why this machine has no loop devices for us; undefined when it has. */
export function whyNoLoop(): string | undefined {
  if (process.getuid?.() !== 0) return 'losetup needs root';
  if (!existsSync('/dev/loop-control'))
    return 'no /dev/loop-control: the kernel has no loop driver (modprobe loop)';
  try {
    execFileSync('losetup', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'losetup is not installed (Debian: apt-get install mount)';
  }
}

/** Attaches a file and returns the device's path. Throws with losetup's own words. */
export function attachLoop(file: string): string {
  return losetup('-f', '--show', file).trim();
}

/** Whether the driver does direct I/O on the backing file. */
export function setDirectIo(device: string, direct: boolean): void {
  losetup(`--direct-io=${direct ? 'on' : 'off'}`, device);
}

/** Detaches; no error where it is detached already. */
export function detachLoop(device: string): void {
  if (backingFileOf(device) !== undefined) losetup('-d', device);
}

/** Detaches every loop device whose backing file lies in `folder`. */
export function detachLoopsUnder(folder: string): void {
  for (const name of loopNames()) {
    const file = backingFileOf(`/dev/${name}`);
    if (file?.startsWith(folder + sep)) losetup('-d', `/dev/${name}`);
  }
}

/** FLUSH requests that the driver has executed, from /sys/block/loopN/stat (Documentation/block/stat.rst). */
export function flushesOf(device: string): number {
  const fields = readFileSync(`/sys/block/${device.slice('/dev/'.length)}/stat`, 'utf8')
    .trim()
    .split(/\s+/);
  return Number(fields[15] ?? 0);
}

function loopNames(): string[] {
  try {
    return readdirSync('/sys/block').filter((name) => /^loop\d+$/.test(name));
  } catch {
    return [];
  }
}

function backingFileOf(device: string): string | undefined {
  try {
    return readFileSync(`/sys/block/${device.slice('/dev/'.length)}/loop/backing_file`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function losetup(...args: string[]): string {
  try {
    return execFileSync('losetup', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`losetup ${args.join(' ')}: ${stderr?.trim() || (error as Error).message}`);
  }
}
