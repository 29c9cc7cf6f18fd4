/** A table of a mail: columns between bars, and never wider than the mail. */

/**
 * @param rows the first is the head; all of the same length. The first column is left-aligned, the others right.
 * @param width characters; where a row does not fit, its first cell gets a line of its own
 */
export function mailTable(rows: readonly (readonly string[])[], width: number): string[] {
  const columns = rows[0]!
    .map((_, i) => i)
    .filter((i) => i === 0 || rows.slice(1).some((row) => row[i] !== ''));
  const widths = columns.map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  const right = widths.slice(1);
  const rest = right.reduce((sum, it) => sum + it + 3, 0);
  // Names longer than what is left stand above their figures.
  const room = Math.max(0, Math.min(widths[0]!, width - rest));
  return rows.flatMap((row) => {
    const label = row[0]!;
    const figures = columns.slice(1).map((i, at) => row[i]!.padStart(right[at]!));
    const line = (first: string): string => [first.padEnd(room), ...figures].join(' | ');
    return label.length <= room ? [line(label)] : [label, line('')];
  });
}
