import type { CompiledPlaybook } from '../compiled-playbook.js';
import type { PlaybookSource } from '../playbook-source.js';
import { compilePlaybook } from './compile-playbook.js';

/** The compiled playbooks used last, by hash. A hash names one source for ever, so that nothing in here goes stale. */
export class PlaybookCache {
  private readonly compiled = new Map<string, CompiledPlaybook>();

  constructor(private readonly limit = 100) {}

  get(hash: string): CompiledPlaybook | undefined {
    const found = this.compiled.get(hash);
    if (found) this.keep(found);
    return found;
  }

  /** @throws PlaybookFailure as compilePlaybook does */
  compile(source: PlaybookSource, hash: string): CompiledPlaybook {
    const playbook = this.get(hash) ?? compilePlaybook(source, hash);
    this.keep(playbook);
    return playbook;
  }

  private keep(playbook: CompiledPlaybook): void {
    this.compiled.delete(playbook.hash);
    this.compiled.set(playbook.hash, playbook);
    for (const oldest of this.compiled.keys()) {
      if (this.compiled.size <= this.limit) break;
      this.compiled.delete(oldest);
    }
  }
}
