import type { JsonObject } from '../../../kernel/index.js';
import { lookUp } from '../event-view.js';

/** The scalar values a field has in an event: none where it is missing or null, several where it is an array. */
export type FieldValues = (document: JsonObject, field: string) => readonly (string | number | boolean)[];

/** Fields as rules see them: the literal dotted key first, then the nested path; an object counts as its JSON text. */
export const fieldValues: FieldValues = (document, field) => {
  const { values } = lookUp(document, field);
  const scalars = values.map(({ raw, text }) => (typeof raw === 'object' ? text : raw));
  return scalars.length > 1 ? [...new Set(scalars)] : scalars;
};
