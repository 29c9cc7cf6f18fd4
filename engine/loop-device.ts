/**
 * The real /dev/loopN over a backing file, by losetup(8). Whoever attaches detaches. What a killed run left attached is found by its
 * backing file in the run's folder, and for a file that lies elsewhere by a record there.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { hasTool, runTool } from './tool.ts';

/** Beside the backing files: a line for each attached device and its file. */
const RECORD = 'loops';

/** Why this machine has no loop devices for us; undefined when it has. */
export function whyNoLoop(): string | undefined {
  if (process.getuid?.() !== 0) return 'losetup needs root';
  if (!existsSync('/dev/loop-control'))
    return 'no /dev/loop-control: the kernel has no loop driver (modprobe loop)';
  return hasTool('losetup') ? undefined : 'losetup is not installed (Debian: apt-get install mount)';
}

/**
 * Attaches a file and returns the device's path; `folder` is the run's own, where the pair is noted.
 *
 * @throws MachineError with losetup's own words
 */
export function attachLoop(file: string, folder: string): string {
  const device = losetup('-f', '--show', file).trim();
  appendFileSync(join(folder, RECORD), `${device} ${backingFileOf(device)}\n`);
  return device;
}

/** Whether the driver does direct I/O on the backing file. */
export function setDirectIo(device: string, direct: boolean): void {
  losetup(`--direct-io=${direct ? 'on' : 'off'}`, device);
}

/** Detaches; no error where it is detached already. */
export function detachLoop(device: string): void {
  if (backingFileOf(device) !== undefined) losetup('-d', device);
}

/** Detaches every loop device whose backing file lies in `folder` or is noted there. */
export function detachLoopsUnder(folder: string): void {
  const noted = recordIn(folder);
  for (const name of loopNames()) {
    const device = `/dev/${name}`;
    const file = backingFileOf(device);
    if (file?.startsWith(folder + sep) || noted.includes(`${device} ${file}`)) losetup('-d', device);
  }
}

function recordIn(folder: string): string[] {
  try {
    return readFileSync(join(folder, RECORD), 'utf8').split('\n');
  } catch {
    return [];
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
  return runTool('losetup', ...args);
}
