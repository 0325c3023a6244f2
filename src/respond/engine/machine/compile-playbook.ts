import { PlaybookFailure, type CompiledPlaybook } from '../compiled-playbook.js';
import type { PlaybookSource } from '../playbook-source.js';
import { MachinePlaybook } from './machine-playbook.js';

/**
 * A playbook whose expressions are functions of an XState machine.
 * @param hash sha256 of the RFC 8785 JSON of the parsed source, hex, as its reader gives it
 * @throws PlaybookFailure a structure, a name or an expression with which no machine can be made; the checks say more
 */
export function compilePlaybook(source: PlaybookSource, hash: string): CompiledPlaybook {
  try {
    return new MachinePlaybook(source, hash);
  } catch (error) {
    if (error instanceof PlaybookFailure) throw error;
    throw new PlaybookFailure(`${source.id} ${source.version} makes no machine: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
