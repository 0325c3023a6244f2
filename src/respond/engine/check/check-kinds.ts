import { isEnd, type StateNode } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';

/** Rules 3 and 15: keys that go with the kind of a state, and those that it needs. */
export function checkKinds(check: PlaybookCheck): void {
  for (const state of check.model.states) checkKind(check, state);
}

function checkKind({ findings, model }: PlaybookCheck, state: StateNode): void {
  const { kind, source, path, children } = state;
  const refuse = (key: keyof typeof source, why: string): void => {
    if (source[key] !== undefined) findings.add('playbook.state_kind', [...path, key], why, 'key');
  };
  if (kind === 'compound' && (children.length === 0 || source.initial === undefined)) {
    const missing = children.length === 0 ? "'states'" : "'initial'";
    findings.add('playbook.missing_key', path, `${missing} is missing: ${children.length === 0 ? 'a compound state has states inside' : 'which state does it begin in?'}`);
  }
  if (kind === 'parallel' && children.length === 0) findings.add('playbook.missing_key', path, "'states' is missing: a parallel state has regions inside");
  if (kind !== 'compound') refuse('initial', `a ${kind} state does not begin in one state`);
  if (kind !== 'compound' && kind !== 'parallel') {
    refuse('states', `a ${kind} state has no states inside`);
    refuse('onDone', `a ${kind} state is never done; onDone of an invoke stands inside invoke`);
  }
  if (kind === 'final' || kind === 'history') for (const key of ['on', 'always', 'after', 'invoke', 'exit'] as const) refuse(key, `a ${kind} state is not left`);
  if (kind === 'history') refuse('entry', 'a history state is not entered itself');
  else {
    refuse('history', 'only a history state has it');
    refuse('target', 'only a history state has it; a transition stands in on, always, after or invoke');
  }
  if (state === model.root && (kind === 'final' || kind === 'history' || kind === 'atomic')) findings.add('playbook.missing_key', path, "'states' is missing: the machine has states");
  if (!isEnd(state)) refuse('outcome', 'only a final state of the machine itself ends the run');
  else if (source.outcome === undefined) findings.add('playbook.missing_outcome', path, `'${state.name}' ends the run and does not say with which outcome`, 'key');
}
