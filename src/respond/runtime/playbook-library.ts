import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResolvedConfig } from '../../config/index.js';
import type { CompiledPlaybook } from '../engine/compiled-playbook.js';
import { compilePlaybook } from '../engine/machine/index.js';
import type { StateSource, Transitions } from '../engine/playbook-source.js';
import { readPlaybook } from '../engine/read-playbook.js';

/** A playbook that is left out, and why. */
export interface RefusedPlaybook {
  readonly file: string;
  readonly reason: string;
}

/** The playbooks in the folders of the configuration. One that cannot run is reported and left out; the others work. */
export class PlaybookLibrary {
  private constructor(
    readonly playbooks: readonly CompiledPlaybook[],
    readonly refused: readonly RefusedPlaybook[],
  ) {}

  static async load({ respond, root }: Pick<ResolvedConfig, 'respond' | 'root'>): Promise<PlaybookLibrary> {
    const playbooks = new Map<string, CompiledPlaybook>();
    const refused: RefusedPlaybook[] = [];
    for (const folder of respond.playbooks) {
      for (const file of await playbookFiles(path.resolve(root, folder))) {
        const name = path.relative(root, file);
        try {
          const playbook = compile(await readFile(file, 'utf8'));
          const { id } = playbook.source;
          if (playbooks.has(id)) refused.push({ file: name, reason: `there is another playbook ${id}` });
          else playbooks.set(id, playbook);
        } catch (error) {
          refused.push({ file: name, reason: error instanceof Error ? error.message : String(error) });
        }
      }
    }
    return new PlaybookLibrary([...playbooks.values()], refused);
  }
}

function compile(text: string): CompiledPlaybook {
  const read = readPlaybook(text);
  if (!read.ok) {
    const [first] = read.findings;
    throw new Error(first ? `${first.path || 'line'} ${first.line}: ${first.message}` : 'it is no playbook');
  }
  if (usesBusinessClock(read.source.machine)) throw new Error('it has a timer of the business clock, which this version does not have; use wall or frozen');
  return compilePlaybook(read.source, read.hash);
}

/** A folder that is not there has no playbooks: an installation without response needs none. */
async function playbookFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name, 'playbook.yaml'));
  const present = await Promise.all(files.map((file) => readFile(file).then(() => true, () => false)));
  return files.filter((_, index) => present[index]).sort();
}

function usesBusinessClock({ after = {}, states = {} }: StateSource): boolean {
  return Object.values(after).some(isBusiness) || Object.values(states).some(usesBusinessClock);
}

function isBusiness(transitions: Transitions): boolean {
  if (typeof transitions === 'string') return false;
  const list = Array.isArray(transitions) ? (transitions as readonly (string | { readonly clock?: string })[]) : [transitions as { readonly clock?: string }];
  return list.some((transition) => typeof transition !== 'string' && transition.clock === 'business');
}
