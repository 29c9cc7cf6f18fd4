/**
 * The stage: actors that take turns on one thread, and every turn is a choice of the scheduler. An actor plays what is
 * elsewhere a thread, or an I/O that the disk has in flight; it goes from one point where others may come between to the
 * next.
 *
 * Most of those points are between calls (`yield` in an actor's body). The others lie inside calls of the engine's own code,
 * which knows nothing of this and cannot be left in the middle. There the scheduler may have others go on, one inside the
 * other, before the call does: nobody in the engine waits for anybody, so no such visit can hang. What it leaves out: of two
 * actors that are both in the middle of a call, the one that came later leaves first.
 */
import type { Scheduler } from './schedulers/scheduler.ts';

/** What an actor yields: what it waits for, or nothing when it could go on at once. */
export type Body = Generator<(() => boolean) | undefined, void, void>;

interface Actor {
  name: string;
  body: Body;
  waitsFor: (() => boolean) | undefined;
  over: boolean;
  /** In the middle of a step. */
  inside: boolean;
}

const ALWAYS = (): boolean => true;

export class Stage {
  /** The choices made, where there was more than one actor to choose from. */
  readonly choices: number[] = [];
  /** Turns taken. */
  turns = 0;
  /** Actors in the middle of a step, the innermost last. */
  private readonly within: number[] = [];
  private readonly actors: Actor[] = [];
  private readonly found: number[] = [];
  private readonly scheduler: Scheduler;
  private readonly mostTurns: number;
  private running = -1;

  constructor(scheduler: Scheduler, mostTurns: number) {
    this.scheduler = scheduler;
    this.mostTurns = mostTurns;
  }

  /** Returns the actor's number: they count from 0. `waitsFor`: before its first step. */
  add(name: string, body: Body, waitsFor = ALWAYS): number {
    this.actors.push({ name, body, waitsFor, over: false, inside: false });
    return this.actors.length - 1;
  }

  names(): string[] {
    return this.actors.map(({ name }) => name);
  }

  /** Goes on until nobody can. False when that did not come to pass within the turns allowed. */
  play(): boolean {
    for (;;) {
      const able = this.able();
      if (able.length === 0) return true;
      if (this.turns >= this.mostTurns) return false;
      this.step(this.choose(able));
    }
  }

  /** A point inside a call: others may go on before the caller does. Outside of any step it is none. */
  readonly point = (): void => {
    const self = this.within.at(-1);
    if (self === undefined) return;
    while (this.turns < this.mostTurns) {
      const able = this.able(self);
      // Nobody else: no choice to make.
      if (able.length === 1) return;
      const chosen = this.choose(able);
      if (chosen === self) return;
      this.step(chosen);
    }
  };

  /** Those who can go on, and `self`, which is in the middle of its step. One array serves for all choices. */
  private able(self = -1): readonly number[] {
    const { actors, found } = this;
    found.length = 0;
    for (let i = 0; i < actors.length; i++) {
      const { over, inside, waitsFor } = actors[i]!;
      if (i === self || (!over && !inside && (waitsFor === undefined || waitsFor()))) found.push(i);
    }
    return found;
  }

  private choose(able: readonly number[]): number {
    this.turns++;
    if (able.length === 1) return able[0]!;
    const chosen = this.scheduler.choose(able, this.running);
    this.choices.push(chosen);
    this.running = chosen;
    return chosen;
  }

  private step(number: number): void {
    const actor = this.actors[number]!;
    actor.inside = true;
    this.within.push(number);
    const { done, value } = actor.body.next();
    this.within.pop();
    actor.inside = false;
    actor.over = done === true;
    actor.waitsFor = done ? undefined : (value as (() => boolean) | undefined);
    this.running = number;
  }
}
