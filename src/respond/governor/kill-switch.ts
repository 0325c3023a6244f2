import type { ActionDescription } from '../../kernel/index.js';
import { ACTION_CLASSES, classOf } from './action-class.js';

/** A stop that people set and lift, in force on every instance at once. */
export interface KillSwitch {
  /** `all`, a class of actions, or the id of one. Ids have a dot, so none of them is a class. */
  readonly scope: string;
  readonly engaged: boolean;
  readonly reason: string;
  /** Actor, as of an audit entry. */
  readonly by: string;
  readonly at: Date;
}

export const EVERYTHING = 'all';

const ACTION_ID = /^[a-z0-9][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$/;

export const isActionId = (text: string): boolean => ACTION_ID.test(text);

export const isScope = (text: string): boolean => text === EVERYTHING || ACTION_CLASSES.some((name) => name === text) || isActionId(text);

/** Scopes under which an action stops. */
export const scopesOf = (action: ActionDescription): readonly string[] => [EVERYTHING, classOf(action), action.id];

export function describeSwitch({ scope, by, at, reason }: KillSwitch): string {
  const what = scope === EVERYTHING ? 'all actions' : ACTION_CLASSES.some((name) => name === scope) ? `actions of class ${scope}` : scope;
  return `the kill switch for ${what} is on since ${at.toISOString()}, set by ${by}: ${reason}`;
}
