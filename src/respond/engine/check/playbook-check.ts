import type { ActionDescription } from '../../../kernel/index.js';
import { parseCel, checkCel, CelFailure, membersOf, scanTemplate, type CelType, type TypesOf } from '../expression/index.js';
import { ExpressionFailure } from '../expression.js';
import type { Findings } from '../finding.js';
import type { PlaybookSource } from '../playbook-source.js';
import type { Path } from '../positions.js';
import { Flow } from './flow.js';
import { buildModel, invokesOf, type Invoke, type MachineModel } from './machine-model.js';

/** What every family of checks works on. */
export class PlaybookCheck {
  readonly model: MachineModel;
  readonly flow: Flow;
  readonly invokes: readonly Invoke[];

  constructor(
    readonly source: PlaybookSource,
    readonly findings: Findings,
    private readonly actions: ReadonlyMap<string, ActionDescription>,
  ) {
    this.model = buildModel(source.id, source.machine);
    this.flow = new Flow(this.model);
    this.invokes = invokesOf(this.model);
  }

  action(id: string): ActionDescription | undefined {
    return this.actions.get(id);
  }

  actionIds(): string[] {
    return [...this.actions.keys()];
  }

  /**
   * The type of a text in which expressions may stand, with what is wrong in them reported.
   * @returns undefined where it cannot be said
   */
  typeOfText(text: string, path: Path, roots: TypesOf): CelType | undefined {
    const parts = this.attempt(path, () => scanTemplate(text));
    if (!parts) return undefined;
    const types = parts.map((part) => (part.kind === 'text' ? undefined : this.typeOfExpression(part.source, path, roots)));
    if (parts.length !== 1) return { kind: 'string' };
    return parts[0]?.kind === 'text' ? { kind: 'string', values: [parts[0].text] } : types[0];
  }

  /** The type of a text that is one expression as a whole; anything else is reported. */
  typeOfCondition(text: string, path: Path, roots: TypesOf): CelType | undefined {
    const parts = this.attempt(path, () => scanTemplate(text));
    if (!parts) return undefined;
    const [only] = parts;
    if (parts.length === 1 && only?.kind === 'expression') return this.typeOfExpression(only.source, path, roots);
    this.findings.add('playbook.wrong_value', path, `'${text.slice(0, 60)}' is not one expression as a whole: write "\${ … }"`);
    return undefined;
  }

  private typeOfExpression(source: string, path: Path, roots: TypesOf): CelType | undefined {
    return this.attempt(path, () => {
      const { type, problems } = checkCel(parseCel(source), roots);
      for (const { kind, message, offset } of problems) this.findings.add(kind === 'type' ? 'playbook.expression_type' : 'playbook.unknown_name', path, message, { text: source, offset });
      return problems.length > 0 ? undefined : type;
    }, source);
  }

  private attempt<T>(path: Path, work: () => T, source = ''): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof CelFailure) this.findings.add('playbook.expression_syntax', path, error.message, { text: source, offset: error.offset ?? 0 });
      else if (error instanceof ExpressionFailure) this.findings.add('playbook.expression_syntax', path, error.message);
      else throw error;
      return undefined;
    }
  }
}

/** Whether a value of the type can be one of the kinds; what is not known can. */
export function couldBe(type: CelType | undefined, kinds: readonly string[]): boolean {
  return type === undefined || membersOf(type).some(({ kind }) => kind === 'any' || kinds.includes(kind));
}
