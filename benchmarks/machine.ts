/** What this machine can show and what not: each thing with its state, the likely cause and the remedy. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { readHost } from '../datasets/host.ts';
import { whyNoCgroups } from '../engine/cgroups.ts';
import { close, errorName, O_CREAT, O_DIRECT, O_RDWR, open } from '../engine/libc.ts';
import { whyNoLoop } from '../engine/loop-device.ts';
import { whyNoPunts } from '../engine/punt-trace.ts';
import { shareBlocks } from '../engine/reflink.ts';
import { whyNoRing } from '../engine/ring.ts';

export interface Finding {
  thing: string;
  /** `no`: something the suite offers can't be had here; `note`: it can, and the user should know. */
  state: 'yes' | 'note' | 'no';
  why: string;
  /** What to do about it; empty where nothing has to be done. */
  remedy: string;
}

/** Bytes that a ring of each of 64 workers may have to lock on kernels before 5.12. */
const LOCKED_NEEDED = 1 << 20;
const DESCRIPTORS_NEEDED = 1024;

/** Everything, looked at with files in a folder of its own under `dir`, which is removed. */
export function examine(dir: string): Finding[] {
  const host = readHost(dir);
  const folder = mkdtempSync(join(dir, 'loopwq-doctor-'));
  try {
    return [
      ring(),
      direct(folder),
      fileSystem(host.fileSystem),
      reflink(folder, host.fileSystem),
      root(),
      fromReason(
        'loop devices',
        whyNoLoop(),
        'kernel-loop rows run on the real /dev/loopN',
        'run as root with util-linux installed',
      ),
      fromReason(
        'blkio cgroups',
        whyNoCgroups(),
        'kernel-loop:cgroups=N gives jobs workers of their own',
        'mount the blkio hierarchy of cgroup v1',
      ),
      fromReason(
        'io-wq punts',
        whyNoPunts(),
        'what io_uring leaves to its own threads is counted by operation',
        'as root: mount -t tracefs tracefs /sys/kernel/tracing. Without it the threads are counted',
      ),
      cores(host.cores),
      sockets(host.sockets),
      clock(host.clockSource),
      limit('locked memory', 'Max locked memory', LOCKED_NEEDED, 'ulimit -l'),
      limit('descriptors', 'Max open files', DESCRIPTORS_NEEDED, 'ulimit -n'),
      space(dir),
      present('device mapper', '/dev/mapper/control'),
      present('ublk', '/dev/ublk-control'),
      present('NBD', '/sys/module/nbd'),
      present('trace events', '/sys/kernel/tracing/events/block'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ring(): Finding {
  const thing = 'io_uring';
  const reason = whyNoRing();
  if (reason === undefined) {
    return { thing, state: 'yes', why: 'direct cells run through the workers’ own rings', remedy: '' };
  }
  const [why = '', ...remedy] = reason.split('. ');
  return { thing, state: 'no', why, remedy: remedy.join('. ') };
}

function direct(folder: string): Finding {
  const fd = open(join(folder, 'direct'), O_RDWR | O_CREAT | O_DIRECT);
  if (fd >= 0) close(fd);
  return fd >= 0
    ? { thing: 'O_DIRECT', state: 'yes', why: 'the file system takes it', remedy: '' }
    : {
        thing: 'O_DIRECT',
        state: 'no',
        why: `open: ${errorName(fd)}`,
        remedy: 'name a folder on ext4, xfs or btrfs with --dir',
      };
}

function fileSystem(text: string): Finding {
  const type = text.split(' ')[0] ?? 'unknown';
  return /^(tmpfs|ramfs)$/.test(type)
    ? {
        thing: 'file system',
        state: 'note',
        why: `${type}: a flush makes nothing durable`,
        remedy: 'name a folder on a disk with --dir',
      }
    : { thing: 'file system', state: 'yes', why: type, remedy: '' };
}

function reflink(folder: string, fs: string): Finding {
  const from = open(join(folder, 'from'), O_RDWR | O_CREAT);
  const to = open(join(folder, 'to'), O_RDWR | O_CREAT);
  const result = shareBlocks(from, to);
  close(from);
  close(to);
  return result === 0
    ? { thing: 'reflink', state: 'yes', why: 'instant snapshots of backing files', remedy: '' }
    : {
        thing: 'reflink',
        state: 'no',
        why: `${fs.split(' ')[0]}: ${errorName(result)}`,
        remedy: 'for snapshots, name a folder on btrfs or xfs',
      };
}

function root(): Finding {
  return process.getuid?.() === 0
    ? { thing: 'root', state: 'yes', why: 'kernel-loop and cgroups can be set up', remedy: '' }
    : {
        thing: 'root',
        state: 'no',
        why: 'running designs never needs it, kernel-loop does',
        remedy: 'run as root for kernel-loop rows',
      };
}

function fromReason(thing: string, reason: string | undefined, good: string, remedy: string): Finding {
  return reason === undefined
    ? { thing, state: 'yes', why: good, remedy: '' }
    : { thing, state: 'no', why: reason, remedy };
}

function cores(count: number): Finding {
  return count >= 4
    ? { thing: 'cores', state: 'yes', why: `${count}: threads are pinned where all of them fit`, remedy: '' }
    : {
        thing: 'cores',
        state: 'note',
        why: `${count}: submitters and workers share them, so parallel designs gain little`,
        remedy: 'for a proposal, measure on more cores',
      };
}

function sockets(count: number): Finding {
  return count > 1
    ? { thing: 'sockets', state: 'yes', why: String(count), remedy: '' }
    : {
        thing: 'sockets',
        state: 'note',
        why: 'one: topologies are virtual and results say nothing about sockets',
        remedy: 'for per-socket, measure on two',
      };
}

function clock(source: string): Finding {
  return /^(tsc|arch_sys_counter)$/.test(source)
    ? { thing: 'clock source', state: 'yes', why: source, remedy: '' }
    : {
        thing: 'clock source',
        state: 'note',
        why: `${source}: reading the clock may be a system call`,
        remedy: 'see /sys/devices/system/clocksource',
      };
}

function limit(thing: string, line: string, needed: number, command: string): Finding {
  const text =
    new RegExp(`^${line}\\s+(\\S+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 'unknown';
  return text === 'unlimited' || Number(text) >= needed
    ? { thing, state: 'yes', why: text, remedy: '' }
    : { thing, state: 'note', why: `${text}: large runs may need ${needed}`, remedy: `${command} ${needed}` };
}

function space(dir: string): Finding {
  const fs = statfsSync(dir);
  const gib = (fs.bavail * fs.bsize) / 2 ** 30;
  return gib >= 1 || fs.blocks === 0
    ? { thing: 'free space', state: 'yes', why: `${gib.toFixed(1)} GiB under ${dir}`, remedy: '' }
    : {
        thing: 'free space',
        state: 'note',
        why: `${gib.toFixed(2)} GiB under ${dir}`,
        remedy: 'name another folder with --dir',
      };
}

function present(thing: string, path: string): Finding {
  return existsSync(path)
    ? { thing, state: 'yes', why: `${path}; loopwq has no use for it yet`, remedy: '' }
    : { thing, state: 'no', why: `no ${path}: this machine can't show it`, remedy: '' };
}
