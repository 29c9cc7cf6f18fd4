/** Words of a command line to options, with errors that name the nearest one. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { InputError, nearest } from '../datasets/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Throws InputError for an unknown option, one without its value, or a word where none is taken. */
export function readOptions<T extends Options>(
  args: readonly string[],
  options: T,
  allowPositionals: boolean,
): Read<T> {
  const read = parse(args, options, allowPositionals);
  for (const [name, value] of Object.entries(read.values)) {
    if ([value].flat().includes('')) throw new InputError(`--${name} needs a value`);
  }
  return read;
}

/** Written out, as the declarations of the public interface can't name it otherwise. */
type Read<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: boolean; strict: true }>
>;

function parse<T extends Options>(args: readonly string[], options: T, allowPositionals: boolean): Read<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new InputError(message);
    const [, dashes = '--', name = ''] = /'(--?)([^'=]*)/.exec(message) ?? [];
    const near = nearest(name, Object.keys(options));
    const guess = near === undefined ? '' : ` Did you mean '--${near}'?`;
    const valid = Object.keys(options).map((option) => `--${option}`);
    throw new InputError(`unknown option '${dashes}${name}'.${guess} Valid: ${valid.join(', ')}.`);
  }
}

/** True when one of the words is this option, with its value behind `=` or without. */
export function hasOption(args: readonly string[], name: string): boolean {
  return args.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
}

/** Takes some options out of a command's words, with their values, and leaves the others to whoever knows them. */
export function takeOptions(args: readonly string[], options: Options): { own: string[]; rest: string[] } {
  const own: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [name = '', value] = args[i]!.split('=', 2);
    const known = name.startsWith('--') ? options[name.slice(2)] : undefined;
    (known ? own : rest).push(args[i]!);
    if (known?.type === 'string' && value === undefined && i + 1 < args.length) own.push(args[++i]!);
  }
  return { own, rest };
}

/** The whole number that an option names. Throws InputError outside of the bounds. */
export function whole(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InputError(`--${name} is a whole number from ${least} to ${most}, not '${text}'`);
  }
  return value;
}

/** `5%` or `5` to 0.05; undefined where the option was not given. */
export function percent(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replace(/%$/, ''));
  if (!(value >= 0 && value < 1000))
    throw new InputError(`--${option} is a number of percent from 0, not '${text}'`);
  return value / 100;
}
