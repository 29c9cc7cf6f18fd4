/** The formats that results can be written in, in the order of the help. */
import { BENCHER } from './bencher.ts';
import { CSV } from './csv.ts';
import { FIO_JSON } from './fio-json.ts';
import type { Format } from './format.ts';
import { GITHUB_BIGGER, GITHUB_SMALLER } from './github-action.ts';
import { GOOGLE_BENCHMARK } from './google-benchmark.ts';

export const FORMATS: readonly Format[] = [
  CSV,
  FIO_JSON,
  BENCHER,
  GITHUB_BIGGER,
  GITHUB_SMALLER,
  GOOGLE_BENCHMARK,
];
