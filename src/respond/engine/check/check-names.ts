import { ROLES, type JsonValue } from '../../../kernel/index.js';
import { closest } from '../closest.js';
import type { Path } from '../positions.js';
import { EVENT_NAMES, eventType } from './event-types.js';
import { targetsFrom, type StateNode } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';
import { staticValue } from './static-value.js';

/** What XState would do by an action of its own, and the format refuses (rule 3). */
const REFUSED_ACTIONS = ['sendTo', 'sendParent', 'forwardTo', 'raise', 'spawn', 'spawnChild', 'stopChild', 'stop', 'emit', 'log', 'cancel', 'assign', 'enqueueActions'];

/** Names that stand for something: states, events, actions, invokes, roles. */
export function checkNames(check: PlaybookCheck): void {
  for (const state of check.model.states) {
    checkTargets(check, state);
    checkEvents(check, state);
    for (const { type, path } of effectsOf(state)) checkEffect(check, type, path);
  }
  checkInvokes(check);
}

function checkTargets({ model, findings }: PlaybookCheck, state: StateNode): void {
  const unknown = (target: string, path: Path): void => {
    const hint = state === model.root && !/^[.#]/.test(target) ? `; from the machine itself write '.${target}'` : closest(target, targetsFrom(state, model));
    findings.add('playbook.unknown_target', path, `there is no state '${target}' from here${hint}`);
  };
  for (const { transitions } of state.lists) {
    for (const { source, target, targetPath } of transitions) {
      if (source.target !== undefined && !target) unknown(source.target, targetPath);
      // The root has no state around it to be entered from.
      else if (target === model.root) findings.add('playbook.refused_feature', targetPath, 'a transition cannot enter the root again');
    }
  }
  if (state.kind === 'history' && state.source.target !== undefined && !historyTarget(state)) unknown(state.source.target, [...state.path, 'target']);
  const { initial } = state.source;
  if (initial !== undefined && state.children.length > 0 && !state.children.some(({ name }) => name === initial)) {
    findings.add('playbook.unknown_target', [...state.path, 'initial'], `there is no state '${initial}' inside${closest(initial, state.children.map(({ name }) => name))}`);
  }
}

/** A history state goes to a state beside it where nothing was left yet. */
function historyTarget({ parent, source }: StateNode): boolean {
  return parent?.children.some(({ name, kind }) => name === source.target && kind !== 'history') ?? false;
}

function checkEvents({ findings }: PlaybookCheck, { source, path }: StateNode): void {
  for (const name of Object.keys(source.on ?? {})) {
    if (eventType(name)) continue;
    if (name.startsWith('xstate.') || name.includes('*')) findings.add('playbook.refused_feature', [...path, 'on', name], `'${name}' is an event of XState itself; only the events of the catalogue reach a run`, 'key');
    else findings.add('playbook.unknown_event', [...path, 'on', name], `there is no event '${name}'${closest(name, EVENT_NAMES)}; known are ${EVENT_NAMES.join(', ')} and manual.<name>`, 'key');
  }
}

export interface Effect {
  readonly type: string;
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly path: Path;
}

/** Effects nobody waits for: of entry, exit and transitions. */
export function effectsOf(state: StateNode): readonly Effect[] {
  const lists = [
    ...(['entry', 'exit'] as const).map((name) => ({ actions: state.source[name], path: [...state.path, name] })),
    ...state.lists.flatMap(({ transitions }) => transitions.map(({ source, path }) => ({ actions: source.actions, path: [...path, 'actions'] }))),
  ];
  return lists.flatMap(({ actions, path }) =>
    (actions ?? []).flatMap((action, index) => ('type' in action ? [{ type: action.type, params: action.params ?? {}, path: [...path, index] }] : [])),
  );
}

function checkEffect(check: PlaybookCheck, type: string, path: Path): void {
  const { findings } = check;
  if (type.startsWith('xstate.') || REFUSED_ACTIONS.includes(type)) {
    findings.add('playbook.refused_feature', [...path, 'type'], `'${type}' is an action of XState, which the format refuses`);
    return;
  }
  const action = check.action(type);
  if (!action) findings.add('playbook.unknown_action', [...path, 'type'], `there is no action '${type}'${closest(type, check.actionIds())}`);
  else if (!action.notify) findings.add('playbook.not_a_notice', [...path, 'type'], `'${type}' does more than tell someone, so its end matters`);
}

function checkInvokes(check: PlaybookCheck): void {
  const { invokes, findings, source } = check;
  const seen = new Set<string>();
  for (const { source: invoke, path } of invokes) {
    if (seen.has(invoke.id)) findings.add('playbook.duplicate_invoke', [...path, 'id'], `two invokes have the id '${invoke.id}'`);
    seen.add(invoke.id);
    if (!check.action(invoke.src)) findings.add('playbook.unknown_action', [...path, 'src'], `there is no action '${invoke.src}'${closest(invoke.src, check.actionIds())}`);
    const named = invoke.src === 'core.approval' ? invoke.input?.['approves'] : invoke.src === 'core.undo' ? invoke.input?.['scope'] : undefined;
    const at = [...path, 'input', invoke.src === 'core.approval' ? 'approves' : 'scope'];
    if (Array.isArray(named)) named.forEach((id, index) => checkInvokeId(check, id, [...at, index]));
    else if (typeof named === 'string' && named.startsWith('since:')) checkSince(check, named.slice('since:'.length), at);
    if (invoke.src !== 'core.approval') continue;
    const role = staticValue(invoke.input?.['role'], source);
    if (typeof role === 'string' && !(ROLES as readonly string[]).includes(role)) findings.add('playbook.unknown_role', [...path, 'input', 'role'], `there is no role '${role}'${closest(role, ROLES)}; known are ${ROLES.join(', ')}`);
  }
}

function checkInvokeId({ invokes, findings }: PlaybookCheck, id: JsonValue, path: Path): void {
  if (typeof id !== 'string' || id.includes('${')) return;
  const ids = invokes.map(({ source }) => source.id);
  if (!ids.includes(id)) findings.add('playbook.unknown_invoke', path, `no invoke has the id '${id}'${closest(id, ids)}; known are ${ids.join(', ')}`);
}

function checkSince({ model, findings }: PlaybookCheck, state: string, path: Path): void {
  const ids = model.states.filter((node) => node !== model.root).map(({ id }) => id);
  if (!state.includes('${') && !ids.includes(state)) findings.add('playbook.unknown_target', path, `there is no state '${state}'${closest(state, ids)}`);
}
