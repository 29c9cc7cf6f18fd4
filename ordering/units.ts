/**
 * Small numbers for the units that a history touches. A unit is a logical block of a *file*: devices that share a file
 * name the same unit by the same number. With them a rule keeps its running values in plain arrays.
 */
import { type Facts, isModRole, READ_OK, READ_OTHER } from './facts.ts';
import { orderOf } from './order.ts';

export interface Units {
  /** By place: where its units begin in `id`. It has `facts.units[place]` of them. */
  at: Uint32Array;
  /** A number below `count` for each unit of each read and mod. */
  id: Uint32Array;
  count: number;
}

/** Files of up to this many blocks for each unit in the history are numbered by block, without a sort. */
const SPARSE = 4;

export function numberUnits(facts: Facts): Units {
  const { count, role, device, unit, units, inode } = facts;
  const at = new Uint32Array(count);
  let entries = 0;
  for (let p = 0; p < count; p++) {
    at[p] = entries;
    if (touchesUnits(role[p])) entries += units[p];
  }
  const { start, blocks } = blockNumbers(facts);
  const dense = blocks <= SPARSE * entries;
  const id = new Uint32Array(dense ? entries : 0);
  const key = new Float64Array(dense ? 0 : entries);
  const number = dense ? id : key;
  for (let p = 0; p < count; p++) {
    if (!touchesUnits(role[p])) continue;
    const first = start[inode[device[p]]] + unit[p];
    for (let k = 0; k < units[p]; k++) number[at[p] + k] = first + k;
  }
  return dense ? { at, id, count: blocks } : { at, ...numberKeys(key) };
}

export function touchesUnits(role: number): boolean {
  return isModRole(role) || role === READ_OK || role === READ_OTHER;
}

/** One number for each block that lies between the first and the last used block of a file, file after file. */
function blockNumbers(facts: Facts): { start: Float64Array; blocks: number } {
  const { count, role, device, unit, units, inode, inodes } = facts;
  const first = new Float64Array(inodes).fill(Infinity);
  const end = new Float64Array(inodes);
  for (let p = 0; p < count; p++) {
    if (!touchesUnits(role[p])) continue;
    const file = inode[device[p]];
    if (unit[p] < first[file]) first[file] = unit[p];
    if (unit[p] + units[p] > end[file]) end[file] = unit[p] + units[p];
  }
  const start = new Float64Array(inodes);
  let blocks = 0;
  for (let file = 0; file < inodes; file++) {
    if (first[file] === Infinity) continue;
    start[file] = blocks - first[file];
    blocks += end[file] - first[file];
  }
  return { start, blocks };
}

/** Equal keys get equal numbers, in the order of the keys. */
function numberKeys(key: Float64Array): { id: Uint32Array; count: number } {
  const id = new Uint32Array(key.length);
  const order = orderOf(key);
  let count = 0;
  let last = -1;
  for (let i = 0; i < order.length; i++) {
    const entry = order[i];
    if (key[entry] !== last) {
      last = key[entry];
      count++;
    }
    id[entry] = count - 1;
  }
  return { id, count };
}
