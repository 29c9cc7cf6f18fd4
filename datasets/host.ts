/** What a result depends on besides the code: machine, kernel, file system. */
import fs from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Host } from './schema.ts';

const UNKNOWN = 'unknown';
const CPUS = '/sys/devices/system/cpu';

/**
 * The fingerprint of this machine, as seen from the folder that holds the backing files. Never throws: what the
 * machine does not tell is 'unknown', and `sockets` is then 0. `cores` are the CPUs that this process may run on.
 *
 * @param dir the folder; it need not exist yet
 * @see Linux Documentation/filesystems/proc.rst (mountinfo), Documentation/admin-guide/cputopology.rst
 */
export function readHost(dir: string): Host {
  return {
    hostname: os.hostname(),
    kernel: os.release(),
    // Node reads /proc/cpuinfo here, and knows the names of ARM parts, which that file only numbers.
    cpuModel: os.cpus()[0]?.model.trim() || UNKNOWN,
    cores: os.availableParallelism(),
    sockets: countSockets(),
    memoryBytes: os.totalmem(),
    node: process.version,
    loopwq: readVersion(),
    fileSystem: fileSystemOf(realPath(dir), readText('/proc/self/mountinfo') ?? ''),
    clockSource:
      readText('/sys/devices/system/clocksource/clocksource0/current_clocksource')?.trim() || UNKNOWN,
  };
}

/**
 * File system type and mount options of the mount that holds an absolute path: `ext4 rw,noatime,data=ordered`.
 * Options that name folders (overlay's layers) are left out: they differ between two starts of one container, and
 * results of the two could then never be compared.
 *
 * @param mountinfo the text of /proc/self/mountinfo
 */
export function fileSystemOf(path: string, mountinfo: string): string {
  let longest = -1;
  let found = UNKNOWN;
  for (const line of mountinfo.split('\n')) {
    const [mount, fileSystem] = line.split(' - ');
    const [, , , , point, options] = mount!.split(' ');
    const [type, , superOptions] = fileSystem?.split(' ') ?? [];
    if (point === undefined || options === undefined || type === undefined) continue;
    const folder = unescapeOctal(point);
    const holds = folder === '/' || path === folder || path.startsWith(`${folder}/`);
    // Of two mounts on one folder the later one covers the earlier one, hence >=.
    if (!holds || folder.length < longest) continue;
    longest = folder.length;
    const all = new Set([...options.split(','), ...(superOptions ?? '').split(',')]);
    const kept = [...all].filter((option) => option !== '' && !/^(lower|upper|work)dir\b/.test(option));
    found = `${type} ${kept.join(',')}`;
  }
  return found;
}

/** mountinfo writes space, tab, newline and backslash as \040 and the like. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function countSockets(): number {
  let names: string[] = [];
  try {
    names = fs.readdirSync(CPUS).filter((name) => /^cpu\d+$/.test(name));
  } catch {
    // No /sys: nothing is known.
  }
  const packages = names.map((name) => readText(join(CPUS, name, 'topology/physical_package_id')));
  // A CPU that is switched off has no topology.
  return new Set(packages.filter((id) => id !== undefined)).size;
}

/** package.json lies one folder up from the source and two up from dist/datasets/. */
function readVersion(): string {
  for (const up of ['../package.json', '../../package.json']) {
    const text = readText(new URL(up, import.meta.url));
    if (text !== undefined) return (JSON.parse(text) as { version?: string }).version ?? UNKNOWN;
  }
  return UNKNOWN;
}

/** Symbolic links resolved; for a folder that is not there, its nearest parent that is. */
function realPath(dir: string): string {
  try {
    return fs.realpathSync(dir);
  } catch {
    return dir === '/' ? dir : realPath(dirname(resolve(dir)));
  }
}

function readText(path: string | URL): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
