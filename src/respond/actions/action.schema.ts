import type { Declined, JsonObject } from '../../kernel/index.js';
import type { ActionStatus } from './action-registry.js';

export interface ActionResponse {
  readonly id: string;
  readonly title: string;
  readonly effect_class: string;
  readonly destructive: boolean;
  readonly notify: boolean;
  readonly configured: boolean;
  readonly timeout_seconds: number;
  readonly verification: 'read-back' | Declined;
  readonly undo: { readonly action: string } | Declined;
  readonly input: JsonObject;
  readonly result: JsonObject;
}

export function toActionResponse({ description, configured }: ActionStatus): ActionResponse {
  const { id, title, effectClass, destructive, notify, timeoutMs, verification, undo, input, result } = description;
  return { id, title, effect_class: effectClass, destructive, notify, configured, timeout_seconds: timeoutMs / 1000, verification, undo, input, result };
}
