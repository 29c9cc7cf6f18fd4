/** Programs of the system that set something up: losetup, mount, mkfs. Each is waited for, and an error has its own words. */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { MachineError } from './errors.ts';

/** Runs a program to its end and returns what it wrote to stdout. Throws MachineError when it fails. */
export function runTool(program: string, ...args: string[]): string {
  try {
    // A process group of its own: Ctrl-C would kill it half-way. Node documents `detached` for spawn alone, and honours it here.
    const options: ExecFileSyncOptionsWithStringEncoding & { detached: boolean } = {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    };
    return execFileSync(program, args, options);
  } catch (error) {
    // e2fsck tells on stdout what it found.
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    const told =
      [stderr, stdout].flatMap((text) => text?.trim() || []).join('\n') || (error as Error).message;
    throw new MachineError(`${program} ${args.join(' ')}: ${told}`);
  }
}

/** True when a program is installed: it says its version, or that it does not know the word. */
export function hasTool(program: string): boolean {
  try {
    execFileSync(program, ['-V'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
