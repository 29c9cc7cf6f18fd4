/** Reads litmus files: line by line, word by word, with errors that name the nearest right one. */
import { readFileSync } from 'node:fs';
import { CONTRACTS } from '../ordering/contracts.ts';
import { InputError, unknownName } from './errors.ts';
import {
  busiest,
  CRASH_CONTRACTS,
  CRASH_OUTCOMES,
  LITMUS_FLAGS,
  LITMUS_KINDS,
  LITMUS_OUTCOMES,
  type Litmus,
  type LitmusOperation,
} from './litmus.ts';

const BACKENDS = ['sync', 'uring'] as const;
const NUMBERS = ['depth', 'devices', 'cpus', 'short-transfer', 'failed-fsync'] as const;
const KEYS = ['design', 'backend', ...NUMBERS, 'replaced', 'op', 'schedule', 'expect'] as const;

/** A submitter's, a worker's or a tag's number, and whatever else is counted from 0. */
const MOST = 255;
const MOST_BLOCK = 1023;
const MOST_OPERATIONS = 64;
const MOST_TURNS = 100_000;

/** @throws InputError for a file that can't be read, and for whatever parseLitmus refuses */
export function readLitmus(path: string): Litmus {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new InputError(`${path}: can't read the litmus file: ${(cause as Error).message}`, { cause });
  }
  return parseLitmus(text, path);
}

/**
 * @param path for messages only
 * @throws InputError with the line and the nearest right word
 */
export function parseLitmus(text: string, path: string): Litmus {
  const litmus: Litmus = {
    about: '',
    design: '',
    backend: 'sync',
    depth: 0,
    devices: 0,
    operations: [],
    schedule: [],
    expected: {},
    expectedCrash: {},
  };
  const about: string[] = [];
  const seen = new Set<string>();
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const bare = line.replace(/#.*/s, '').trim();
    if (bare === '') {
      if (seen.size === 0 && line.trim() !== '') about.push(line.replace(/^\s*#+ ?/, '').trimEnd());
      continue;
    }
    const words = new Words(bare.split(/\s+/), `${path}:${index + 1}`);
    const key = words.oneOf('key', KEYS);
    if (seen.has(key) && !['op', 'schedule', 'expect'].includes(key)) throw words.error(`a second '${key}'`);
    seen.add(key);
    if (key === 'op') readOperation(words, litmus);
    else if (key === 'schedule') readSchedule(words, litmus.schedule);
    else if (key === 'expect') readExpectation(words, litmus);
    else if (key === 'design') litmus.design = words.next('the name of a design');
    else if (key === 'backend') litmus.backend = words.oneOf('backend', BACKENDS);
    else if (key === 'replaced') litmus.replaced = words.device();
    else if (key === 'depth') litmus.depth = words.number('a number of operations', 1, MOST);
    else if (key === 'devices') litmus.devices = words.number('a number of devices', 1, MOST);
    else if (key === 'cpus') litmus.cpus = words.number('an even number of CPUs', 2, MOST);
    else if (key === 'short-transfer')
      litmus.shortTransfer = words.number('the number of a transfer', 0, MOST);
    else litmus.failedFsync = words.number('the number of an fsync', 0, MOST);
    words.end();
  }
  litmus.about = about.join('\n').trim();
  return complete(litmus, path);
}

/** What is left to say when the last line is read. */
function complete(litmus: Litmus, path: string): Litmus {
  const { operations, replaced } = litmus;
  if (litmus.design === '') throw new InputError(`${path}: no design: write 'design NAME'`);
  if (operations.length === 0)
    throw new InputError(`${path}: no operation: write 'op NAME submitter 0 FLUSH disk0'`);
  const devices = Math.max(...operations.map(({ device }) => device), replaced ?? 0) + 1;
  if (litmus.devices === 0) litmus.devices = devices;
  else if (litmus.devices < devices)
    throw new InputError(`${path}: disk${devices - 1} is used, and 'devices' says ${litmus.devices}`);
  if (litmus.depth === 0) litmus.depth = busiest(operations);
  if (replaced !== undefined && replaced === litmus.devices - 1)
    throw new InputError(`${path}: the last device takes the place of the replaced one, so that is another`);
  if ((litmus.cpus ?? 2) % 2 === 1)
    throw new InputError(`${path}: cpus is an even number: two sockets share them`);
  return litmus;
}

/** `op NAME submitter N KIND diskN [block N | blocks N-M] [flags F|G] [cpu N] [after NAME NAME]`. */
function readOperation(words: Words, { operations }: Litmus): void {
  if (operations.length === MOST_OPERATIONS) throw words.error(`more than ${MOST_OPERATIONS} operations`);
  const name = words.next('a name');
  if (operations.some((other) => other.name === name)) throw words.error(`a second operation '${name}'`);
  words.literal('submitter');
  const submitter = words.number('the number of a submitter', 0, MOST);
  const kind = words.oneOf('operation', LITMUS_KINDS);
  const operation: LitmusOperation = {
    name,
    submitter,
    kind,
    flags: [],
    device: words.device(),
    unit: 0,
    units: 0,
    after: [],
  };
  if (kind !== 'FLUSH') Object.assign(operation, words.blocks());
  while (words.left()) {
    const word = words.oneOf('word', ['flags', 'cpu', 'after']);
    if (word === 'cpu') operation.cpu = words.number('the number of a CPU', 0, MOST);
    else if (word === 'flags') {
      if (kind !== 'WRITE') throw words.error(`flags are those of a WRITE, not of a ${kind}`);
      for (const flag of words.next('flags').split('|'))
        operation.flags.push(words.known('flag', flag, LITMUS_FLAGS));
    } else {
      do {
        const other = words.next('the name of an operation that stands above');
        const above = operations.map((earlier) => earlier.name);
        operation.after.push(words.known('operation', other, above));
      } while (words.left());
    }
  }
  operations.push(operation);
}

/** `s0*4 w1 io2*3`: a name, and how many turns in a row. */
function readSchedule(words: Words, schedule: string[]): void {
  while (words.left()) {
    const word = words.next('turns');
    const [, name, times = '1'] = /^((?:s|w|io)\d{1,3}|replacer)(?:\*([1-9]\d{0,5}))?$/.exec(word) ?? [];
    if (name === undefined)
      throw words.error(`'${word}' is no turn: s0, w1, io2 or replacer, with *N for N of them`);
    if (schedule.length + Number(times) > MOST_TURNS) throw words.error(`more than ${MOST_TURNS} turns`);
    for (let i = 0; i < Number(times); i++) schedule.push(name);
  }
}

/** `expect RULE OUTCOME` and `expect crash RULE OUTCOME`. */
function readExpectation(words: Words, litmus: Litmus): void {
  const what = words.oneOf('rule', [...CONTRACTS, 'crash' as const]);
  if (what === 'crash') {
    const rule = words.oneOf('rule', CRASH_CONTRACTS);
    litmus.expectedCrash[rule] = words.oneOf('outcome', CRASH_OUTCOMES);
  } else litmus.expected[what] = words.oneOf('outcome', LITMUS_OUTCOMES);
}

/** The words of one line, taken one after the other. */
class Words {
  private at = 0;
  private readonly words: readonly string[];
  private readonly where: string;

  constructor(words: readonly string[], where: string) {
    this.words = words;
    this.where = where;
  }

  left(): boolean {
    return this.at < this.words.length;
  }

  error(text: string): InputError {
    return new InputError(`${this.where}: ${text}`);
  }

  next(what: string): string {
    const word = this.words[this.at++];
    if (word === undefined) throw this.error(`the line ends where ${what} should stand`);
    return word;
  }

  known<T extends string>(kind: string, word: string, valid: readonly T[]): T {
    const found = valid.find((candidate) => candidate === word);
    if (found === undefined) throw unknownName(kind, word, valid, this.where);
    return found;
  }

  oneOf<T extends string>(kind: string, valid: readonly T[]): T {
    return this.known(kind, this.next(`one of ${valid.join(', ')}`), valid);
  }

  literal(word: string): void {
    this.oneOf('word', [word]);
  }

  number(what: string, least: number, most: number): number {
    return this.whole(this.next(what), what, least, most);
  }

  device(): number {
    const word = this.next('a device, as disk0');
    const [, number] = /^disk(\d{1,3})$/.exec(word) ?? [];
    if (number === undefined) throw this.error(`'${word}' is no device: disk0, disk1 and so on`);
    return this.whole(number, 'the number of a device', 0, MOST);
  }

  /** `block 3` or `blocks 3-4`. */
  blocks(): { unit: number; units: number } {
    const several = this.oneOf('word', ['block', 'blocks']) === 'blocks';
    const word = this.next('a number of a block');
    const [, first, last = first] = (several ? /^(\d+)-(\d+)$/ : /^(\d+)$/).exec(word) ?? [];
    if (first === undefined) throw this.error(`'${word}': write 'block 3' or 'blocks 3-4'`);
    const unit = this.whole(first, 'a block', 0, MOST_BLOCK);
    const end = this.whole(last!, 'a block', unit, MOST_BLOCK);
    return { unit, units: end - unit + 1 };
  }

  end(): void {
    if (this.left()) throw this.error(`'${this.words[this.at]}' is a word too many`);
  }

  private whole(word: string, what: string, least: number, most: number): number {
    const value = Number(word);
    if (!/^\d+$/.test(word) || value < least || value > most)
      throw this.error(`'${word}' should be ${what}: a whole number from ${least} to ${most}`);
    return value;
  }
}
