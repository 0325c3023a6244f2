import type { Path } from './positions.js';

const TRANSITION = ['target', 'guard', 'assign', 'actions'];
const STATE = ['type', 'description', 'initial', 'states', 'history', 'target', 'on', 'always', 'after', 'entry', 'exit', 'invoke', 'onDone', 'outcome'];
const KEYS = {
  document: ['format', 'id', 'version', 'title', 'trigger', 'params', 'context', 'policy', 'machine'],
  trigger: ['on', 'when', 'priority'],
  context: ['schema', 'initial'],
  policy: ['mode', 'expires', 'undo'],
  invoke: ['id', 'src', 'input', 'timeout', 'retry', 'onDone', 'onError'],
  retry: ['max', 'backoff', 'factor', 'cap', 'on'],
  action: ['assign', 'type', 'params'],
};

/** The keys of the format at a place, for the nearest name to a misspelt one; a test holds them against the schema. */
export function keysAt(path: Path): readonly string[] {
  const names = path.filter((key) => typeof key === 'string');
  if (names.length === 0) return KEYS.document;
  const [first] = names;
  if (first === 'trigger' || first === 'context') return KEYS[first];
  if (first === 'policy') return KEYS.policy;
  return first === 'machine' ? keysOfState(names.slice(1)) : [];
}

function keysOfState(names: readonly string[]): readonly string[] {
  const [key, , ...rest] = names;
  if (key === undefined) return STATE;
  if (key === 'states') return keysOfState(rest);
  if (key === 'invoke') return keysOfInvoke(names.slice(1));
  if (key === 'entry' || key === 'exit') return KEYS.action;
  if (key === 'always' || key === 'onDone') return names.includes('actions') ? KEYS.action : TRANSITION;
  if (rest.includes('actions')) return KEYS.action;
  return key === 'after' ? [...TRANSITION, 'clock'] : TRANSITION;
}

function keysOfInvoke(names: readonly string[]): readonly string[] {
  const [key, ...rest] = names;
  if (key === undefined) return KEYS.invoke;
  if (key === 'retry') return KEYS.retry;
  return rest.includes('actions') ? KEYS.action : TRANSITION;
}
