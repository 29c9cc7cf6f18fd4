/**
 * Measures two sides in turn, after one uncounted run of each: what the machine does besides meets both alike. Which of the
 * two comes first changes from pair to pair.
 */
export async function inPairs<A, B>(
  pairs: number,
  ours: () => Promise<A>,
  theirs: () => Promise<B>,
): Promise<{ ours: A[]; theirs: B[] }> {
  await ours();
  await theirs();
  const all: { ours: A[]; theirs: B[] } = { ours: [], theirs: [] };
  for (let i = 0; i < pairs; i++) {
    if (i % 2 === 0) all.ours.push(await ours());
    all.theirs.push(await theirs());
    if (i % 2 === 1) all.ours.push(await ours());
  }
  return all;
}
