/** Texts and tables as HTML. Everything that comes from results is escaped: a job file or a design may be named anything. */
import type { Cell } from './table-cells.ts';
import type { Item } from './table-words.ts';

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text for an element or for an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (it) => ESCAPES[it]!);
}

/** Code for a `<script>`, which ends at the first `</script` wherever that stands; `<!--` would change where it ends. */
export function inScript(code: string): string {
  return code.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
}

/** A value as JSON inside of a `<script>`. */
export function jsonInScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

export interface HtmlColumn {
  head: string;
  align: 'left' | 'right';
  cells: Cell[];
}

/**
 * A table whose first column names a design in each row.
 *
 * @param designs of the rows, by which a page leaves rows out
 * @param names HTML of the first column
 */
export function designTable(designs: string[], names: string[], columns: readonly HtmlColumn[]): string {
  const heads = columns.map(
    ({ head, align }) => `<th class="${align}">${escapeHtml(head).replaceAll('\n', '<br>')}</th>`,
  );
  const rows = designs.map((design, row) => {
    const cells = columns.map(({ align, cells }) => {
      const { text, style = '' } = cells[row]!;
      return `<td class="${`${align} ${style}`.trim()}">${escapeHtml(text)}</td>`;
    });
    return `<tr data-design="${escapeHtml(design)}"><th>${names[row]}</th>${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><thead><tr><th>design</th>${heads.join('')}</tr></thead>\n<tbody>\n${rows.join('\n')}\n</tbody></table></div>`;
}

/** Two columns, a name and what it is. */
export function facts(pairs: readonly (readonly [name: string, html: string])[]): string {
  const rows = pairs.map(([name, html]) => `<tr><th>${escapeHtml(name)}</th><td>${html}</td></tr>`);
  return `<div class="wide"><table class="facts">${rows.join('\n')}</table></div>`;
}

export function items(found: readonly Item[]): string {
  if (found.length === 0) return '';
  const lines = found.map(
    ({ label, text, style }) => `<li><b class="${style}">${escapeHtml(label)}</b> ${escapeHtml(text)}</li>`,
  );
  return `<ul class="items">${lines.join('\n')}</ul>`;
}
