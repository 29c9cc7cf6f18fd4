import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../datasets/errors.ts';
import { parseJobFile } from '../../datasets/fio.ts';

/** Lines of a job file, then what the message must be or match. Every file is a.fio. */
export type Cases = Record<string, [lines: string[], message: string | RegExp]>;

/** A test for each job file that must be refused. */
export function refuses(cases: Cases): void {
  for (const [name, [lines, message]] of Object.entries(cases)) {
    test(`refused: ${name}`, () => {
      assert.throws(
        () => parseJobFile(lines.join('\n'), 'a.fio'),
        (error: Error) => {
          assert.ok(error instanceof InputError, String(error));
          if (typeof message === 'string') assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        },
      );
    });
  }
}
