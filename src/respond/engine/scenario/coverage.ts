import type { PlaybookSource } from '../playbook-source.js';
import { statesOf, transitionsOf } from '../walk-machine.js';
import type { ScenarioResult } from './scenario-result.js';

export interface Covered {
  readonly total: number;
  /** Those that no scenario passed, in the order of the text. */
  readonly missed: readonly string[];
  /** 0 to 100; 100 where there is nothing to cover. */
  readonly percent: number;
}

export interface Coverage {
  readonly states: Covered;
  readonly transitions: Covered;
}

/** How much of a playbook its scenarios pass through. */
export function coverageOf(source: PlaybookSource, results: readonly ScenarioResult[]): Coverage {
  const states = statesOf(source.machine).filter(({ path, source: state }) => path !== '' && state.type !== 'history' && !state.history);
  return {
    states: covered(states.map(({ path }) => path), results.flatMap((result) => result.states)),
    transitions: covered(transitionsOf(source.machine).map(({ id }) => id), results.flatMap((result) => result.taken)),
  };
}

function covered(all: readonly string[], passed: readonly string[]): Covered {
  const missed = all.filter((name) => !passed.includes(name));
  return { total: all.length, missed, percent: all.length === 0 ? 100 : ((all.length - missed.length) / all.length) * 100 };
}
