import type { ActionDescription } from '../../kernel/index.js';

/** Kinds of actions that share modes, caps and kill switches. */
export const ACTION_CLASSES = ['destructive', 'other', 'notify'] as const;
export type ActionClass = (typeof ACTION_CLASSES)[number];

export function classOf({ destructive, notify }: Pick<ActionDescription, 'destructive' | 'notify'>): ActionClass {
  // What takes something away stays destructive even if it says that it only tells.
  if (destructive) return 'destructive';
  return notify ? 'notify' : 'other';
}

export const isReversible = ({ undo }: Pick<ActionDescription, 'undo'>): boolean => 'action' in undo;
