/**
 * The log of XFS, after fs/xfs/xfs_log.c: log records with PREFLUSH|FUA, several in flight at one time. They are acknowledged in
 * order, and a block goes home once the record that has it and all before it are acknowledged. Each record says where the tail
 * is: whatever had come home when it was submitted need not be replayed, as its PREFLUSH makes that durable first.
 */
import { FUA, PREFLUSH } from '../history.ts';
import { defineClient, homesOf, JOURNALING, SLOT_UNITS, slotOf } from './client.ts';
import { TAIL_LAG } from './recover.ts';

/** Records in flight at most; eight in XFS. */
const IN_FLIGHT = 3;

export const xfsLog = defineClient(
  {
    name: 'xfs-log',
    summary: `log records with PREFLUSH|FUA, ${IN_FLIGHT} in flight at one time, acknowledged in order`,
    source: 'XFS: fs/xfs/xfs_log.c, xlog_write_iclog(), xlog_state_do_callback()',
    reading: 'records',
    ordered: false,
  },
  (n) => [
    {
      name: 'record',
      thread: JOURNALING,
      unit: slotOf(n),
      units: SLOT_UNITS,
      flags: PREFLUSH | FUA,
      begins: true,
      promises: true,
      // Transaction n - IN_FLIGHT + 1 goes home with n.
      waits: [
        ['record', -IN_FLIGHT],
        ['home 0', IN_FLIGHT - 1 - TAIL_LAG - 1],
        ['home 1', IN_FLIGHT - 1 - TAIL_LAG - 1],
      ],
    },
    ...homesOf(n, 1 - IN_FLIGHT, [['record', 1 - IN_FLIGHT]]),
  ],
);
