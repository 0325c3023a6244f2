import type { PlaybookSource, StateSource } from '../playbook-source.js';
import { transitionsOf, type WalkedTransition } from '../walk-machine.js';

/**
 * A playbook as a Mermaid state diagram. Transitions of the machine itself, which are possible in every state, start from a
 * box called "any state".
 */
export function mermaidOf(source: PlaybookSource): string {
  const transitions = transitionsOf(source.machine);
  const lines = ['stateDiagram-v2', ...inside(source.machine, '', '  '), ...arrows(transitions)];
  return `${lines.join('\n')}\n`;
}

function inside(machine: StateSource, path: string, indent: string): string[] {
  const { initial, states = {} } = machine;
  const entries = Object.entries(states);
  const first = initial === undefined ? [] : [`${indent}[*] --> ${nodeOf(join(path, initial))}`];
  return [...first, ...entries.flatMap(([name, state], index) => [...(machine.type === 'parallel' && index > 0 ? [`${indent}--`] : []), ...box(name, state, join(path, name), indent)])];
}

function box(name: string, state: StateSource, path: string, indent: string): string[] {
  const node = nodeOf(path);
  if (state.type === 'history' || state.history) return [`${indent}state "${state.history === 'deep' ? 'H*' : 'H'}" as ${node}`];
  const label = [name, ...(state.invoke ? [state.invoke.src] : [])].join('<br>');
  const own = [`${indent}state "${escape(label)}" as ${node}`];
  if (state.states) return [...own, `${indent}state ${node} {`, ...inside(state, path, `${indent}  `), `${indent}}`];
  return [...own, ...(state.type === 'final' ? [`${indent}${node} --> [*]${state.outcome ? `: ${state.outcome}` : ''}`] : [])];
}

/** Transitions between the same two states share an arrow. */
function arrows(transitions: readonly WalkedTransition[]): string[] {
  const labels = new Map<string, string[]>();
  for (const transition of transitions) {
    if (transition.to === undefined) continue;
    const key = `${transition.from === '' ? 'any_state' : nodeOf(transition.from)} --> ${nodeOf(transition.to)}`;
    labels.set(key, [...(labels.get(key) ?? []), labelOf(transition)]);
  }
  const anywhere = transitions.some(({ from, to }) => from === '' && to !== undefined) ? ['  state "any state" as any_state'] : [];
  return [...anywhere, ...[...labels].map(([arrow, causes]) => `  ${arrow}: ${causes.map(escape).join('<br>')}`)];
}

/** What causes a transition, with its condition, short enough for an arrow. */
export function labelOf({ cause, source: { guard } }: WalkedTransition): string {
  const condition = guard?.replace(/^\$\{\s*([\s\S]*?)\s*\}$/, '$1');
  return `${shorten(cause.replace(/^after \$\{\s*([\s\S]*?)\s*\}$/, 'after $1'))}${condition === undefined ? '' : ` [${shorten(condition)}]`}`;
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** Colons, semicolons, quotes and # have a meaning in Mermaid. */
const escape = (text: string): string => text.replaceAll('#', '#35;').replace(/(?<!#35);/g, '#59;').replaceAll('"', '#quot;').replaceAll(':', '#58;').replaceAll('\n', ' ');

const nodeOf = (path: string): string => `s_${path.replaceAll('-', '_h').replaceAll('.', '__')}`;
const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
