/**
 * An fsync fails, its own FLUSH hears of it, and those that had been coalesced behind it are answered as if it had not.
 *
 * Source: "fsyncgate", PostgreSQL 2018: an error is reported once, to whoever asked first.
 */
import { generation } from '../../strategies/flush/generation.ts';
import { plant } from './planted.ts';

export const swallowedError = plant({
  name: 'swallowed-error',
  breaks: ['completed'],
  on: 'n-wq:2+generation',
  parts: { flush: { ...generation, settle: (op, gate, _result) => generation.settle(op, gate, 0) } },
});
