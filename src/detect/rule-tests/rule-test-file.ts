import { parse } from 'yaml';
import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '../../kernel/index.js';
import { parseDuration } from '../../config/index.js';
import { ruleTestErrors } from './rule-test.errors.js';

/** One record to be fed to the rules, in order of time. */
export interface TestRecord {
  readonly time: number;
  /** Undefined for a document that is ECS already. */
  readonly stream: string | undefined;
  readonly record: JsonObject;
}

/** One test: what is fed, and how often each rule of the file fires. Rules that are not named must not fire. */
export interface RuleTest {
  readonly name: string;
  readonly fires: Readonly<Record<string, number>>;
  readonly records: readonly TestRecord[];
}

export interface RuleTestFile {
  /** Logsources of documents that are given as ECS, without a stream. */
  readonly logsources: readonly { readonly product?: string; readonly category?: string; readonly service?: string }[];
  readonly tests: readonly RuleTest[];
}

const MAX_REPEAT = 100_000;

const record = z.custom<JsonObject>((value) => isJsonObject(value), 'must be a mapping');
const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  context.addIssue({ code: 'custom', message: `'${text}' is no duration; write 500ms, 10s, 5m or 1h` });
  return z.NEVER;
});
const event = z.strictObject({
  at: z.iso.datetime({ offset: true }),
  repeat: z.int().min(1).max(MAX_REPEAT).default(1),
  every: duration.default(0),
  stream: z.string().optional(),
  record: record.default({}),
});
const schema = z.strictObject({
  /** The stream through whose mapping the records go. Absent: they are ECS documents with the logsources below. */
  stream: z.string().optional(),
  logsources: z.array(z.strictObject({ product: z.string().optional(), category: z.string().optional(), service: z.string().optional() })).default([]),
  /** What all records of the file's stream have in common. */
  record: record.default({}),
  tests: z.array(z.strictObject({ name: z.string().min(1), fires: z.record(z.string(), z.int().min(1)), events: z.array(event).min(1) })).min(1),
});

type EventEntry = z.output<typeof event>;

/**
 * Reads a `<rule>.tests.yml`. An entry of `events` stands for `repeat` records, `every` apart; its `record` is laid over the file's,
 * a `null` removes a member. In texts `{n}` is the number of the repetition, from 1, and `{time}` the record's time.
 * @throws {CordonError} `rules.test_invalid`
 */
export function parseRuleTests(file: string, text: string): RuleTestFile {
  const parsed = schema.safeParse(readYaml(file, text));
  if (!parsed.success) throw ruleTestErrors.create('rules.test_invalid', { detail: `${file}: ${z.prettifyError(parsed.error)}` });
  const { stream, record: base, tests, logsources } = parsed.data;
  return {
    logsources: logsources,
    tests: tests.map(({ name, fires, events }) => ({
      name,
      fires,
      records: events.flatMap((entry) => repeated(entry, stream, base)).sort((a, b) => a.time - b.time),
    })),
  };
}

function readYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw ruleTestErrors.create('rules.test_invalid', { detail: `${file}: ${error instanceof Error ? error.message : String(error)}`, cause: error });
  }
}

function repeated({ at, repeat, every, record: own, stream }: EventEntry, fileStream: string | undefined, base: JsonObject): TestRecord[] {
  const start = Date.parse(at);
  const merged = stream === undefined || stream === fileStream ? overlay(base, own) : own;
  return Array.from({ length: repeat }, (_, index) => {
    const time = start + index * every;
    return { time, stream: stream ?? fileStream, record: filledIn(merged, { n: String(index + 1), time: new Date(time).toISOString() }) as JsonObject };
  });
}

/** `over` laid over `base`: mappings merge, a null removes, everything else replaces. */
function overlay(base: JsonObject, over: JsonObject): JsonObject {
  const result: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (value === null) delete result[key];
    else result[key] = isJsonObject(value) && isJsonObject(below) ? overlay(below, value) : value;
  }
  return result;
}

function filledIn(value: JsonValue, words: { readonly n: string; readonly time: string }): JsonValue {
  if (typeof value === 'string') return value.replaceAll(/\{(n|time)\}/g, (_, word: 'n' | 'time') => words[word]);
  if (Array.isArray(value)) return value.map((item) => filledIn(item, words));
  if (isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, words)]));
  return value;
}
