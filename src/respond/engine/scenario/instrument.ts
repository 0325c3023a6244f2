import type { Command } from '../compiled-playbook.js';
import type { PlaybookSource } from '../playbook-source.js';
import { mapMachine } from '../walk-machine.js';

const ENTERED = 'scenario.entered';
const TAKEN = 'scenario.taken';

/** What a step passed through, in order. */
export interface Passed {
  readonly entered: readonly string[];
  readonly taken: readonly string[];
}

/** The playbook with a notice at every state and transition, so that those passed within one step show too. */
export function instrument(source: PlaybookSource): PlaybookSource {
  return {
    ...source,
    machine: mapMachine(source.machine, {
      state: (state, path) => (path === '' || state.type === 'history' || state.history ? state : { ...state, entry: [{ type: ENTERED, params: { path } }, ...(state.entry ?? [])] }),
      transition: (transition, id) => ({ ...transition, actions: [{ type: TAKEN, params: { id: id.replaceAll('${', () => '$${') } }, ...(transition.actions ?? [])] }),
    }),
  };
}

/** Takes the notices out again. */
export function readNotices(commands: readonly Command[]): Passed & { readonly commands: readonly Command[] } {
  const noted = (type: string, member: string) => commands.flatMap((command) => (command.type === 'notify' && command.action === type ? [String(command.input[member])] : []));
  return {
    entered: noted(ENTERED, 'path'),
    taken: noted(TAKEN, 'id'),
    commands: commands.filter((command) => command.type !== 'notify' || (command.action !== ENTERED && command.action !== TAKEN)),
  };
}
