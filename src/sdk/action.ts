import type { z } from 'zod';
import type { ActionDescription, Declined, Dialer, EntityRef, ExternalAction, HttpClient, JsonObject, Resolved, Verification } from '../kernel/index.js';
import { compileAction } from './engine/compile-action.js';

/** What an action has while it runs. It reaches the outside through `http` and `dialer` alone. */
export interface ActionContext<Input, Config> {
  /** Parsed by the input schema: defaults are filled in. */
  readonly input: Input;
  /** The connector's section of the configuration; secrets are wrapped, `reveal()` gives the text. */
  readonly config: Config;
  /** The same over all attempts and restarts: the idempotency key for a target that takes one. */
  readonly key: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly now: Date;
  /** Aborts when the time is over; `http` and `dialer` follow it by themselves. */
  readonly signal: AbortSignal;
  readonly http: HttpClient;
  readonly dialer: Dialer;
  /** Has a text masked in whatever the action says, as is done with every secret of the configuration and every Authorization header. */
  readonly conceal: (text: string) => void;
}

/** What `do` gives. */
export interface Done<Result, Memo = undefined> {
  readonly result: Result;
  /** Whether the target was in the wanted state before; then there is nothing to take back. */
  readonly already?: boolean;
  /** For `verify` of the same attempt and stored nowhere: what must not be kept, such as a token. Lost by a restart in between. */
  readonly memo?: Memo;
}

/** What an author writes for one action. Failures are thrown as `ActionFailure`; `expectStatus` makes them of answers. */
export interface ActionDefinition<Config extends z.ZodType, Input extends z.ZodType, Result extends z.ZodType, Memo> {
  /** `<connector>.<verb-object>`. */
  readonly id: `${string}.${string}`;
  readonly title: string;
  /** What a crash between the call and the record of its outcome means; see `EFFECT_CLASSES`. */
  readonly effectClass: ExternalAction['effectClass'];
  /** Whether it takes access or service away from someone. */
  readonly destructive: boolean;
  /** Whether it only tells someone. Default false. */
  readonly notify?: boolean;
  /** The connector's configuration schema, the same object as in `defineConnector`. */
  readonly config?: Config;
  /** A strict object, down to its last level. `.meta({ writeOnly: true })` marks what nobody may be shown. */
  readonly input: Input;
  readonly result: Result;
  /** For all attempts together unless the playbook says otherwise: `30s`, `PT30S`. */
  readonly timeout: string;
  /** Whom the input names as the one acted upon; none for a notice. */
  entities(input: z.output<Input>): readonly EntityRef[];
  do(call: ActionContext<z.output<Input>, Resolved<z.output<Config>>>): Promise<Done<z.output<Result>, Memo>>;
  /** Class `probe` only: whether an earlier attempt got through. */
  probe?(call: ActionContext<z.output<Input>, Resolved<z.output<Config>>>): Promise<Done<z.output<Result>, Memo> | undefined>;
  /** Asks the target whether it is so. Throws where the asking failed, which is tried again; it is no answer. */
  readonly verify: Declined | ((call: ActionContext<z.output<Input>, Resolved<z.output<Config>>>, done: Done<z.output<Result>, Memo>) => Promise<Verification>);
  /** The action that takes it back, and its input out of what was done. */
  readonly undo: Declined | { readonly action: string; readonly input: (input: z.output<Input>, done: Pick<Done<z.output<Result>>, 'result' | 'already'>) => JsonObject };
}

/** An action ready to be bound to a configuration. */
export interface ConnectorAction {
  readonly description: ActionDescription;
  /** Schema object of its connector; undefined where it needs none. */
  readonly config: z.ZodType | undefined;
  /** @param parts.config the resolved section of the connector */
  bind(parts: ActionParts): ExternalAction;
}

export interface ActionParts {
  readonly config: unknown;
  readonly http: HttpClient;
  readonly dialer: Dialer;
}

/** Checks and compiles a definition. A mistake in it is a TypeError at start. */
export function defineAction<Config extends z.ZodType, Input extends z.ZodType, Result extends z.ZodType, Memo = undefined>(
  definition: ActionDefinition<Config, Input, Result, Memo>,
): ConnectorAction {
  return compileAction(definition);
}

export const verified = (why: string, residualAccessUntil: string | null = null): Verification => ({ state: 'verified', why, residual_access_until: residualAccessUntil });

/** The target says that it is not so, in spite of what it answered before. */
export const notVerified = (why: string): Verification => ({ state: 'not', why, residual_access_until: null });

/** Nobody can be asked, or the answer does not prove it. */
export const unverifiable = (why: string, residualAccessUntil: string | null = null): Verification => ({ state: 'unverifiable', why, residual_access_until: residualAccessUntil });
