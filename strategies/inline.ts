/**
 * inline: no queue and no worker: the submitter does the I/O itself.
 *
 * dm-crypt's no_read_workqueue and no_write_workqueue without the cipher: "queues" that once helped slow disks cost more on
 * fast ones than they give, so the request is handed to the device where it was submitted. There is nothing to hand over,
 * to wake or to wait for, and nothing that would run beside the submitter either: with `sync` each of its operations waits
 * for the one before, whatever its depth. With `uring` it begins them in order and has them in flight together through a
 * ring of its own, which makes this the reference row `raw` with a gate in front. A FLUSH is an fsync in the submitter, in
 * the order of its own operations; it knows nothing of the others'.
 *
 * The floor of all designs at depth 1: what a queue costs is what it takes longer than this. On `null` an operation takes 0.4 to 0.6 x
 * the CPU time of `single-wq` and, as one thread does all of it, up to 1.8 x as long. Loop itself can't do so, as the submitter
 * may hold what the backing file's file system needs (96f03c8 gives that as a reason, and the stack).
 */
import { INLINE, type Strategy } from './types.ts';

export const inline: Strategy = {
  name: 'inline',
  summary: 'no queue and no worker: the submitter does the I/O itself',
  source:
    'drivers/md/dm-crypt.c; 39d42fa96ba1 ("dm crypt: add flags to optionally bypass kcryptd workqueues"), Ignat Korchagin',
  claims: ['integrity', 'completed', 'progress'],

  open: () => ({
    layout: { queues: [], workers: [], inline: true },
    route: () => INLINE,
  }),
};
