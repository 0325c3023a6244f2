import { isJsonObject, type JsonObject, type JsonPrimitive, type JsonValue } from '../../kernel/index.js';
import { fold } from './fold.js';

/** One value of a field that is not null: a primitive, or an object, which is compared by its JSON text. */
export class FieldValue {
  readonly text: string;
  private foldedText: string | undefined;

  constructor(readonly raw: Exclude<JsonPrimitive, null> | JsonObject) {
    this.text = typeof raw === 'string' ? raw : typeof raw === 'object' ? JSON.stringify(raw) : String(raw);
  }

  get folded(): string {
    return (this.foldedText ??= fold(this.text));
  }

  /** The value as a number, also when it is decimal text; undefined when it is none. */
  get number(): number | undefined {
    if (typeof this.raw === 'number') return this.raw;
    return typeof this.raw === 'string' ? decimal(this.raw) : undefined;
  }
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

function decimal(text: string): number | undefined {
  return text.length <= 40 && DECIMAL.test(text) ? Number(text) : undefined;
}

/** What a field holds: an array counts as all of its elements. */
export interface FieldValues {
  /** Whether the key is there, be its value null or empty. */
  readonly exists: boolean;
  readonly hasNull: boolean;
  readonly values: readonly FieldValue[];
}

const ABSENT: FieldValues = { exists: false, hasNull: false, values: [] };

/** Gives each field name of a set of rules a number, so that a lookup is done once an event and found by index. */
export class FieldTable {
  private readonly slots = new Map<string, number>();
  readonly names: string[] = [];

  slot(name: string): number {
    const known = this.slots.get(name);
    if (known !== undefined) return known;
    this.slots.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** One event while it is matched; keeps what was looked up. */
export class EventView {
  private readonly fields: (FieldValues | undefined)[] = [];
  private all: FieldValues | undefined;

  constructor(readonly event: JsonObject, private readonly table: FieldTable) {}

  field(slot: number): FieldValues {
    return (this.fields[slot] ??= lookUp(this.event, this.table.names[slot] ?? ''));
  }

  named(name: string): FieldValues {
    return this.field(this.table.slot(name));
  }

  /** Every value of the event at any depth, which is what keywords look at. */
  everything(): FieldValues {
    if (this.all === undefined) {
      const values: FieldValue[] = [];
      collectLeaves(this.event, values);
      this.all = { exists: true, hasNull: false, values };
    }
    return this.all;
  }
}

/**
 * The values of a field: the literal key first (it may hold dots), then a path into nested objects. Arrays on the way
 * stand for each of their elements.
 */
export function lookUp(event: JsonObject, name: string): FieldValues {
  if (Object.hasOwn(event, name)) {
    const value = event[name];
    if (value !== undefined && value !== null && typeof value !== 'object') return { exists: true, hasNull: false, values: [new FieldValue(value)] };
  } else if (!name.includes('.')) return ABSENT;
  const found: JsonValue[] = [];
  resolve(event, name, found);
  if (found.length === 0) return ABSENT;
  const values: FieldValue[] = [];
  const hasNull = found.map((value) => collectElements(value, values)).includes(true);
  return { exists: true, hasNull, values };
}

function resolve(node: JsonValue | undefined, path: string, found: JsonValue[]): boolean {
  if (Array.isArray(node)) return node.map((element) => resolve(element, path, found)).includes(true);
  if (!isJsonObject(node)) return false;
  if (Object.hasOwn(node, path)) {
    const value = node[path];
    if (value !== undefined) found.push(value);
    return value !== undefined;
  }
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    if (Object.hasOwn(node, key) && resolve(node[key], path.slice(dot + 1), found)) return true;
  }
  return false;
}

/** Adds the elements of a value; tells whether null is among them. */
function collectElements(value: JsonValue, values: FieldValue[]): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.map((element) => collectElements(element, values)).includes(true);
  values.push(new FieldValue(value));
  return false;
}

function collectLeaves(value: JsonValue, values: FieldValue[]): void {
  if (value === null) return;
  if (typeof value !== 'object') values.push(new FieldValue(value));
  else for (const child of Array.isArray(value) ? value : Object.values(value)) collectLeaves(child, values);
}
