/**
 * Sorting rows by a column. Every sweep of the checker walks rows in the order of one time stamp, and these sorts are
 * much of its work. Rows come in long stretches that are nearly in order, so insertion is tried first, and if that is too slow
 * they are dealt into buckets by time, which keeps neighbours in time neighbours in memory: about linear.
 */

/** So few are sorted by insertion rather than dealt. */
const SMALL = 16;
/** Moves an index, on average, until insertion is given up: the order of `se` is nearly that of `sb`. */
const PATIENCE = 4;
/** How many share a bucket when the keys are evenly spread. */
const PER_BUCKET = 4;

/** `indices` in ascending order of `key[index]`; equal keys keep the order in which they were given. */
export function orderBy(indices: Uint32Array, key: Float64Array): Uint32Array {
  const sorted = indices.slice();
  sortRange(sorted, 0, sorted.length, key);
  return sorted;
}

/** The order of all of `key`. */
export function orderOf(key: Float64Array): Uint32Array {
  const sorted = ascending(key.length);
  sortRange(sorted, 0, sorted.length, key);
  return sorted;
}

/**
 * The rows of several stretches, each in ascending order of `key` by itself, in the order of all; equal keys keep the order of the
 * rows. A tree of losers (Knuth, The Art of Computer Programming 3, 5.4.1): one comparison a level.
 */
export function mergeBy(from: readonly number[], to: readonly number[], key: Float64Array): Uint32Array {
  let leaves = 1;
  while (leaves < from.length) leaves *= 2;
  const next = Int32Array.from({ length: leaves }, (_, s) => from[s] ?? 0);
  const end = Int32Array.from({ length: leaves }, (_, s) => to[s] ?? 0);
  const head = Float64Array.from(next, (row, s) => (row < end[s] ? key[row] : Infinity));
  const before = (a: number, b: number): boolean => head[a] < head[b] || (head[a] === head[b] && a < b);
  // First a tree of winners, then in each node the one of its two that lost.
  const winner = new Int32Array(2 * leaves);
  for (let s = 0; s < leaves; s++) winner[leaves + s] = s;
  for (let node = leaves - 1; node >= 1; node--) {
    const [a, b] = [winner[2 * node], winner[2 * node + 1]];
    winner[node] = before(a, b) ? a : b;
  }
  const loser = new Int32Array(leaves);
  for (let node = 1; node < leaves; node++) {
    loser[node] = winner[2 * node] === winner[node] ? winner[2 * node + 1] : winner[2 * node];
  }
  let total = 0;
  for (let s = 0; s < from.length; s++) total += to[s] - from[s];
  const merged = new Uint32Array(total);
  for (let i = 0, first = winner[1]; i < total; i++) {
    const row = next[first]++;
    merged[i] = row;
    head[first] = row + 1 < end[first] ? key[row + 1] : Infinity;
    for (let node = (leaves + first) >> 1; node >= 1; node >>= 1) {
      const other = loser[node];
      if (head[other] < head[first] || (head[other] === head[first] && other < first)) {
        loser[node] = first;
        first = other;
      }
    }
  }
  return merged;
}

/** 0, 1, ... count - 1. */
export function ascending(count: number): Uint32Array {
  const indices = new Uint32Array(count);
  for (let i = 0; i < count; i++) indices[i] = i;
  return indices;
}

/** `column` at the given rows, side by side. */
export function valuesOf(rows: Uint32Array | readonly number[], column: Float64Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]];
  return values;
}

/** Sorts sorted[from..to). A bucket spans a fraction of the range of its keys, so the recursion ends soon. */
function sortRange(sorted: Uint32Array, from: number, to: number, key: Float64Array): void {
  const patience = to - from <= SMALL ? Infinity : PATIENCE * (to - from);
  if (insertionSort(sorted, from, to, key, patience)) return;
  let least = Infinity;
  let most = -Infinity;
  let finite = 0;
  for (let i = from; i < to; i++) {
    const k = key[sorted[i]];
    if (k === Infinity) continue;
    finite++;
    if (k < least) least = k;
    if (k > most) most = k;
  }
  if (finite === 0 || (least === most && finite === to - from)) return;
  const ends = deal(sorted, from, to, key, least, most - least);
  // The last bucket holds the infinite keys, which are all equal.
  for (let bucket = 0, start = from; bucket < ends.length - 1; bucket++) {
    const end = from + ends[bucket];
    if (end - start > 1) sortRange(sorted, start, end, key);
    start = end;
  }
}

/** Deals a range into buckets of equal width, keeping the order inside each. Returns where each one ends. */
function deal(
  sorted: Uint32Array,
  from: number,
  to: number,
  key: Float64Array,
  least: number,
  range: number,
): Uint32Array {
  const infinite = Math.ceil((to - from) / PER_BUCKET);
  const widest = range === 0 ? 0 : infinite - 1;
  const divisor = range === 0 ? 1 : range;
  const next = new Uint32Array(infinite + 1);
  const dealt = sorted.slice(from, to);
  const bucketOf = new Uint32Array(dealt.length);
  for (let i = 0; i < dealt.length; i++) {
    const k = key[dealt[i]];
    const bucket = k === Infinity ? infinite : Math.floor(((k - least) / divisor) * widest);
    bucketOf[i] = bucket;
    next[bucket]++;
  }
  for (let bucket = 0, start = 0; bucket <= infinite; bucket++) {
    const here = next[bucket];
    next[bucket] = start;
    start += here;
  }
  for (let i = 0; i < dealt.length; i++) sorted[from + next[bucketOf[i]]++] = dealt[i];
  return next;
}

/** Sorts by insertion while that moves at most `patience` indices; what it did until then stays. False if it gave up. */
function insertionSort(
  sorted: Uint32Array,
  from: number,
  to: number,
  key: Float64Array,
  patience: number,
): boolean {
  let moves = 0;
  for (let i = from + 1; i < to; i++) {
    const index = sorted[i];
    const k = key[index];
    let at = i;
    for (; at > from && key[sorted[at - 1]] > k; at--) sorted[at] = sorted[at - 1];
    sorted[at] = index;
    moves += i - at;
    if (moves > patience) return false;
  }
  return true;
}
