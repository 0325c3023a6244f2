import type { PlaybookSource, StateSource } from '../playbook-source.js';
import { statesOf, transitionsOf } from '../walk-machine.js';
import { labelOf } from './mermaid.js';

/** The states of a playbook as a Markdown table: what each does, and where it goes. */
export function statesTable(source: PlaybookSource): string {
  const transitions = transitionsOf(source.machine);
  const rows = statesOf(source.machine).map(({ path, source: state }) => {
    const ways = transitions.filter(({ from }) => from === path).map((transition) => `${labelOf(transition)} → ${transition.to ?? 'stays'}`);
    return [path === '' ? 'any state' : path, whatItDoes(state), state.description ?? '', ways.map(cell).join('<br>')];
  });
  const shown = rows.filter(([name, , , ways]) => name !== 'any state' || ways !== '');
  const lines = [['state', 'does', 'why', 'goes on'], ['---', '---', '---', '---'], ...shown.map(([name = '', does = '', why = '', ways = '']) => [cell(name), cell(does), cell(why), ways])];
  return lines.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function whatItDoes({ type, outcome, invoke, states, history }: StateSource): string {
  if (type === 'final') return outcome ? `ends: ${outcome}` : 'ends';
  if (history ?? type === 'history') return `comes back to where it was (${history ?? 'shallow'})`;
  if (states) return type === 'parallel' ? 'all inside, side by side' : 'one inside at a time';
  return invoke ? `\`${invoke.src}\`` : 'waits';
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').trim();
