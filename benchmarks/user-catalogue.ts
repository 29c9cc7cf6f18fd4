/**
 * The shipped lists with the user's own plug-ins behind them. Which these are stands in the URL that this module is imported by
 * (`user-catalogue.js?file=A&file=B`), so that a thread, which is told nothing but a URL, has the same lists as the main
 * thread. What is wrong with a file plugins.ts has said before.
 */
import type { Plugin, PolicyPlugin, StrategyPlugin } from '../strategies/define.ts';
import * as shipped from '../strategies/index.ts';
import type { GatePolicy, Strategy } from '../strategies/types.ts';

const files = new URL(import.meta.url).searchParams.getAll('file');
const modules = await Promise.all(files.map((file) => import(file) as Promise<{ default: Plugin }>));
const plugins = modules.map((module) => module.default);
const isStrategy = (plugin: Plugin): plugin is StrategyPlugin => plugin.plugin === 'strategy';
const policies = (kind: PolicyPlugin['plugin']): PolicyPlugin[] =>
  plugins.filter((plugin): plugin is PolicyPlugin => plugin.plugin === kind);

export const STRATEGIES: readonly Strategy[] = [...shipped.STRATEGIES, ...plugins.filter(isStrategy)];
export const FLUSH_POLICIES: readonly GatePolicy[] = [...shipped.FLUSH_POLICIES, ...policies('flush policy')];
export const ORDER_POLICIES: readonly GatePolicy[] = [...shipped.ORDER_POLICIES, ...policies('order policy')];
export const FRONTS = shipped.FRONTS;
