/** The strategies, policies and fronts of another revision as a catalogue for this engine: they alone differ, so they alone are compared. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from '../../datasets/errors.ts';
import { ownRoot } from '../../datasets/revision.ts';
import { PLUGIN_INTERFACE } from '../../strategies/index.ts';
import { namedAt } from '../compare/gate.ts';
import { type Catalogue, type Design, parseDesign } from '../designs.ts';
import { buildWorktree, commitOf } from './worktree.ts';

export interface Revision {
  /** As the user named it. */
  name: string;
  commit: string;
  catalogue: Catalogue;
  close(): void;
}

/**
 * Builds a revision and loads its strategies; see `buildWorktree` for what it leaves alone.
 *
 * @throws InputError when there is no such revision, or its strategies were written for another engine
 */
export async function openRevision(name: string, signal: AbortSignal, root = ownRoot()): Promise<Revision> {
  const worktree = await buildWorktree(root, commitOf(root, name), signal);
  try {
    const module = pathToFileURL(join(worktree.folder, 'dist', 'strategies', 'index.js')).href;
    const catalogue = catalogueOf(name, module, (await import(module)) as Record<string, unknown>);
    return { name, commit: worktree.commit, catalogue, close: worktree.close };
  } catch (error) {
    worktree.close();
    throw error;
  }
}

/** @throws InputError when the lists are none that this engine can run */
export function catalogueOf(revision: string, module: string, lists: Record<string, unknown>): Catalogue {
  const { PLUGIN_INTERFACE: version, STRATEGIES, FLUSH_POLICIES, ORDER_POLICIES, FRONTS } = lists;
  if (version !== PLUGIN_INTERFACE)
    throw new InputError(
      `--against ${revision}: its strategies are written for ${version === undefined ? 'an engine from before plug-in interfaces had numbers' : `plug-in interface ${version}`}, ` +
        `this engine has ${PLUGIN_INTERFACE}. Compare results instead: run each revision by itself, then loopwq compare`,
    );
  if (![STRATEGIES, FLUSH_POLICIES, ORDER_POLICIES, FRONTS].every(Array.isArray))
    throw new InputError(
      `--against ${revision}: its strategies/index.ts has not the lists that this engine takes`,
    );
  return {
    module,
    strategies: STRATEGIES as Catalogue['strategies'],
    flushPolicies: FLUSH_POLICIES as Catalogue['flushPolicies'],
    orderPolicies: ORDER_POLICIES as Catalogue['orderPolicies'],
    fronts: FRONTS as Catalogue['fronts'],
  };
}

/**
 * Each design with that of the revision before it. References are no design of either, and what comes from a file of the user's own has no
 * other revision; a design that the revision has not yet runs alone.
 *
 * @throws InputError when the revision has none of them
 */
export function besideRevision(
  designs: readonly Design[],
  { name, commit, catalogue }: Pick<Revision, 'name' | 'commit' | 'catalogue'>,
  users: ReadonlyMap<string, string> = new Map(),
): Design[] {
  const all = designs.flatMap((design) => {
    const { crew } = design;
    const parts = [crew?.strategy, crew?.flush, crew?.order];
    if (crew === undefined || parts.some((part) => part !== undefined && users.has(part.name)))
      return [design];
    const old = parsed(design.name, catalogue);
    if (old?.crew === undefined) return [design];
    const named = namedAt(design.name, name);
    const parameters = { ...old.parameters, revision: commit };
    return [{ ...old, name: named, parameters, crew: { ...old.crew, label: named } }, design];
  });
  if (all.length === designs.length)
    throw new InputError(
      `--against ${name} has none of the designs ${designs.map((design) => design.name).join(', ')}`,
    );
  return all;
}

function parsed(text: string, catalogue: Catalogue): Design | undefined {
  try {
    return parseDesign(text, catalogue);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
