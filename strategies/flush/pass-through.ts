/**
 * pass-through: what the loop driver does.
 *
 * A FLUSH is a request like any other: the worker that takes it calls fsync at once, whatever else is queued or in
 * flight. Ming Lei: it covers the writes already completed, and whoever needs more waits before flushing. The
 * engine leaves the gate out for a design with this policy and no order policy.
 */
import { type GatePolicy, GO } from '../types.ts';

export const passThrough: GatePolicy = {
  name: 'pass-through',
  summary: 'a FLUSH waits for nothing',
  source: 'drivers/block/loop.c, lo_req_flush(); Ming Lei, linux-block, 2022-04-15',
  claims: ['completed'],
  words: 0,
  submit: () => GO,
  settle: () => {},
};
