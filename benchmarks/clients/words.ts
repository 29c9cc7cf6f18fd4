/** Counts as the tables have them. */

/** 0, 12, 999, 1.23k, 45.6k, 7.8e12. */
export function count(n: number): string {
  if (n < 1000) return String(n);
  if (n < 1e6) return `${short(n / 1e3)}k`;
  if (n < 1e9) return `${short(n / 1e6)}M`;
  return n.toExponential(1).replace('e+', 'e');
}

function short(n: number): string {
  return n < 9.995 ? n.toFixed(2) : n < 99.95 ? n.toFixed(1) : n.toFixed(0);
}
