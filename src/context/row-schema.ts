import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { ACCOUNT_KINDS, CRITICALITIES, PERSON_STATUSES } from '../kernel/index.js';
import { accountKey, endpointKey, entryName, personKey, type Entry } from './entry.js';
import type { Finding, RawRow } from './raw-row.js';

/** Written in place of a manager: there is none. */
const NO_MANAGER = '-';
const MAX_TEXT = 256;
const MAX_LIST = 200;

const text = z.string('must be text').trim().min(1, 'must not be empty').max(MAX_TEXT, `is longer than ${MAX_TEXT} characters`).regex(/^[^\p{Cc}]*$/u, 'has a control character');
const list = <T extends z.ZodType>(item: T) => z.array(item, 'must be a list').max(MAX_LIST, `has more than ${MAX_LIST} items`).default([]);
const id = text.refine((value) => value !== NO_MANAGER, 'must not be "-", which stands for "none"');
const system = text.regex(/^[a-z0-9][a-z0-9._-]*$/, 'has another form than a system name');
const criticality = z.enum(CRITICALITIES, 'is none of the words').optional();
const flag = z.boolean('must be true or false').optional();

const personRow = z.strictObject({
  id,
  name: text.optional(),
  email: text.regex(/^[^@\s]+@[^@\s]+$/, 'is not an e-mail address').optional(),
  manager: text.optional(),
  team: text.optional(),
  status: z.enum(PERSON_STATUSES, 'is none of the words').optional(),
  leaver_date: z.iso.date('is not a date').optional(),
  criticality,
  break_glass: flag,
});

const accountRow = z.strictObject({
  id,
  system: system.optional(),
  kind: z.enum(ACCOUNT_KINDS, 'is none of the words').default('human'),
  person: id.optional(),
  aliases: list(text),
  tokens: list(text),
  criticality,
  break_glass: flag,
});

const endpointRow = z.strictObject({
  id,
  name: text.optional(),
  owner: id.optional(),
  team: text.optional(),
  aliases: list(text),
  hosts: list(text),
  addresses: list(text.refine((value) => ipaddr.isValid(value), 'is not an IP address')),
  criticality,
  data_class: text.optional(),
});

/** What to do about a member that cannot be used. */
const REMEDIES: Readonly<Record<string, string>> = {
  id: 'Give every row an id that stays the same from import to import.',
  email: 'Write one address, such as avery@example.com.',
  manager: 'Write the id of the manager, or "-" for a person who has none.',
  status: `Write one of ${PERSON_STATUSES.join(', ')}, or leave it out.`,
  leaver_date: 'Write the last working day as YYYY-MM-DD.',
  criticality: `Write one of ${CRITICALITIES.join(', ')}, or leave it out.`,
  break_glass: 'Write true or false, or leave it out.',
  kind: `Write one of ${ACCOUNT_KINDS.join(', ')}.`,
  system: 'Write a short name in lower case, such as okta: letters, digits, dot, hyphen, underscore.',
  addresses: 'Write single IPv4 or IPv6 addresses; ranges are not possible.',
};

const MEMBERS = {
  person: Object.keys(personRow.shape),
  account: Object.keys(accountRow.shape),
  endpoint: Object.keys(endpointRow.shape),
} as const;

/** The entry that a row states, or what is wrong with each of its members. */
export function parseRow(row: RawRow): { readonly entry: Entry } | { readonly findings: readonly Finding[] } {
  if (row.type === 'person') return outcome(row, personRow.safeParse(row.value), toPerson);
  if (row.type === 'account') return outcome(row, accountRow.safeParse(row.value), toAccount);
  return outcome(row, endpointRow.safeParse(row.value), toEndpoint);
}

/** The id of a row that may have other faults, so that rows that refer to it are not blamed for them. */
export function statedId({ value }: RawRow): string | null {
  const stated = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof stated === 'string' ? stated : null;
}

function outcome<T>(row: RawRow, parsed: z.ZodSafeParseResult<T>, toEntry: (value: T) => Entry) {
  if (parsed.success) return { entry: toEntry(parsed.data) };
  return { findings: parsed.error.issues.flatMap((issue) => toFindings(row, issue)) };
}

function toFindings(row: RawRow, issue: z.core.$ZodIssue): Finding[] {
  const { file, line, type } = row;
  const base = { file, line, type, id: statedId(row) };
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((field) => ({ ...base, field, reason: 'is not a known member', remedy: `Remove it; ${type} rows have ${MEMBERS[type].join(', ')}.` }));
  }
  const field = issue.path.join('.');
  const missing = issue.path.length === 1 && typeof row.value === 'object' && row.value !== null && !(field in row.value);
  const remedy = REMEDIES[String(issue.path[0])] ?? 'Correct the value or leave it out.';
  if (field === '') return [{ ...base, field: 'row', reason: 'is not an object', remedy: 'Write each row as an object with an id.' }];
  return [{ ...base, field, reason: missing ? 'is missing' : issue.message, remedy }];
}

function toPerson(row: z.output<typeof personRow>): Entry {
  const isTop = row.manager === NO_MANAGER;
  const manager = isTop ? null : (row.manager ?? null);
  return {
    type: 'person',
    key: personKey(row.id),
    personKey: manager === null ? null : personKey(manager),
    names: distinct([entryName('person', row.id, 'id'), ...(row.email === undefined ? [] : [entryName('account', row.email, 'email')])]),
    body: {
      id: row.id,
      name: row.name ?? null,
      email: row.email ?? null,
      manager,
      isTop,
      team: row.team ?? null,
      status: row.status ?? null,
      leaverDate: row.leaver_date ?? null,
      criticality: row.criticality ?? null,
      breakGlass: row.break_glass ?? null,
    },
  };
}

function toAccount(row: z.output<typeof accountRow>): Entry {
  const named = (field: 'aliases' | 'tokens') => row[field].map((value) => entryName(field === 'tokens' ? 'token' : 'account', value, field, row.system));
  return {
    type: 'account',
    key: accountKey(row.system ?? null, row.id),
    personKey: row.person === undefined ? null : personKey(row.person),
    names: distinct([entryName('account', row.id, 'id', row.system), ...named('aliases'), ...named('tokens')]),
    body: {
      id: row.id,
      system: row.system ?? null,
      kind: row.kind,
      person: row.person ?? null,
      criticality: row.criticality ?? null,
      breakGlass: row.break_glass ?? null,
    },
  };
}

function toEndpoint(row: z.output<typeof endpointRow>): Entry {
  const names = [
    entryName('endpoint', row.id, 'id'),
    ...row.aliases.map((value) => entryName('endpoint', value, 'aliases')),
    ...row.hosts.map((value) => entryName('host', value, 'hosts')),
    ...row.addresses.map((value) => entryName('ip', value, 'addresses')),
  ];
  return {
    type: 'endpoint',
    key: endpointKey(row.id),
    personKey: row.owner === undefined ? null : personKey(row.owner),
    names: distinct(names),
    body: {
      id: row.id,
      name: row.name ?? null,
      owner: row.owner ?? null,
      team: row.team ?? null,
      criticality: row.criticality ?? null,
      dataClass: row.data_class ?? null,
    },
  };
}

function distinct(names: readonly Entry['names'][number][]): Entry['names'] {
  return [...new Map(names.toReversed().map((name) => [`${name.kind} ${name.system} ${name.key}`, name])).values()].toReversed();
}
