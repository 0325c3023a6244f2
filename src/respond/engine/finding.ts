import { findingCatalogue, type FindingCode } from './finding-catalogue.js';
import type { Path, Position, Positions } from './positions.js';

/** What is wrong, or odd, at one place of a playbook. */
export interface Finding {
  readonly code: FindingCode;
  /** A playbook with an error does not run; a warning is for its author. */
  readonly severity: 'error' | 'warning';
  /** Where it stands, such as `machine.states.ask.invoke.onDone[0].guard`. */
  readonly path: string;
  /** 1-based, of the key or value at fault. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** What the author can do about it. */
  readonly remedy: string;
}

/** Collects findings in the order of the text, each once. */
export class Findings {
  private readonly found = new Map<string, Finding>();

  constructor(private readonly positions: Positions) {}

  /** `at`: where to point, if not at the value of `path`: its key, or a part of its text. */
  add(code: FindingCode, path: Path, message: string, at: 'key' | 'value' | { readonly text: string; readonly offset: number } = 'value'): void {
    this.put(code, path, message, typeof at === 'string' ? this.positions.at(path, at) : this.positions.within(path, at.text, at.offset));
  }

  private put(code: FindingCode, path: Path, message: string, position: Position): void {
    const { severity, remedy } = findingCatalogue[code];
    const finding: Finding = { code, severity, path: formatPath(path), ...position, message, remedy };
    this.found.set(`${code} ${finding.path} ${message}`, finding);
  }

  /** At an offset into the document, for what has no value yet. */
  addAt(code: FindingCode, path: Path, message: string, offset: number): void {
    this.put(code, path, message, this.positions.ofOffset(offset));
  }

  list(): Finding[] {
    return [...this.found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }
}

/** A path for people: dots between names, brackets around numbers and what is no plain name. */
export function formatPath(path: Path): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[\w-]+$/.test(key)) return `[${JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}
