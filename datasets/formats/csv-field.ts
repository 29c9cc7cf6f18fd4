/**
 * One field of a line of CSV: quoted only where it must be, nothing for undefined.
 *
 * Source: RFC 4180, section 2.
 */
export function csvField(value: string | number | boolean | undefined): string {
  const text = value === undefined ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
