import { isCertain, type StateNode, type TransitionList } from './machine-model.js';
import type { PlaybookCheck } from './playbook-check.js';

/** Rule 5: guard lists that need a branch without a guard, and the errors of invokes. */
export function checkBranches({ model, findings }: PlaybookCheck): void {
  for (const state of model.states) {
    for (const list of state.lists) {
      if (needsDefault(list, state) && !isCertain(list)) findings.add('playbook.no_default_branch', list.path, `no branch of this ${list.cause} goes without a guard: where none of them holds, the run stays where it is`, 'key');
    }
    const { invoke } = state.source;
    if (invoke && invoke.onError === undefined) findings.add('playbook.no_on_error', [...state.path, 'invoke'], `'${invoke.id}' may fail, and nothing says what happens then: onError is missing`, 'key');
  }
}

/** `on` may be left alone by an event; an end that comes only once may not. */
function needsDefault({ cause }: TransitionList, { source }: StateNode): boolean {
  if (cause === 'invoke.onDone' || cause === 'invoke.onError' || cause === 'onDone') return true;
  return cause === 'always' && source.on === undefined && source.after === undefined && source.invoke === undefined && source.states === undefined;
}
