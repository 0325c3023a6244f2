import { distance } from 'fastest-levenshtein';
import type { ActionDescriptions } from '../../kernel/index.js';

const SUGGESTIONS = 3;

/** The ids of a catalogue that look most like a given one, for the text of an error. */
export function nearestActions(catalogue: ActionDescriptions, id: string): string {
  const known = catalogue.list().map((action) => action.id);
  return known.sort((a, b) => distance(id, a) - distance(id, b)).slice(0, SUGGESTIONS).join(', ') || 'no action is configured';
}
