/** Walks through a specification without knowing its shape, as a reader of the JSON would. */

/** Every object of a specification, from the outside in. */
export function* objects(spec: unknown): Generator<Record<string, unknown>> {
  if (Array.isArray(spec)) for (const item of spec) yield* objects(item);
  else if (typeof spec === 'object' && spec !== null) {
    yield spec as Record<string, unknown>;
    yield* objects(Object.values(spec));
  }
}

/** The inline data of a specification that has all of these fields. */
export function rowsWith(spec: unknown, ...fields: string[]): Record<string, unknown>[] {
  const values = [...objects(spec)].flatMap((it) => (Array.isArray(it.values) ? it.values : []));
  return values.filter((row) => typeof row === 'object' && fields.every((field) => field in row));
}

/** The texts of an SVG in the order of drawing, without escapes. */
export function texts(svg: string): string[] {
  return [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)</g)].map((match) =>
    match[1]!.replaceAll('&gt;', '>').replaceAll('&lt;', '<').replaceAll('&amp;', '&'),
  );
}
