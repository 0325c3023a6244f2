import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { findingCatalogue } from '../finding-catalogue.js';
import { FIXTURE_ACTIONS } from '../fixtures/actions.js';
import { compilePlaybook } from '../machine/index.js';
import { checkPlaybookText } from './check-playbook.js';

const folder = new URL('../fixtures/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
const findingsOf = (text: string): string[] => checkPlaybookText(text, FIXTURE_ACTIONS).findings.map(({ code, path, line, message }) => `${line} ${code.replace('playbook.', '')} ${path}: ${message}`);

const valid = readdirSync(new URL('valid/', folder));
const invalid = readdirSync(new URL('invalid/', folder));

describe('playbooks without fault', () => {
  it.each(valid)('%s has no finding, and makes a machine', (file) => {
    expect(findingsOf(read(`valid/${file}`))).toEqual([]);
    const checked = checkPlaybookText(read(`valid/${file}`), FIXTURE_ACTIONS);
    if (!checked.ok) throw new Error('not checked');
    expect(compilePlaybook(checked.source, checked.hash).hash).toBe(checked.hash);
  });
});

describe('the output of a built-in', () => {
  it('has its result beside itself, as the types of the check say', () => {
    const checked = checkPlaybookText(read('valid/disable-account.yaml'), FIXTURE_ACTIONS);
    if (!checked.ok) throw new Error('not checked');
    const playbook = compilePlaybook(checked.source, checked.hash);
    const at = new Date(0);
    const { state } = playbook.start({ type: 'incident.opened', incident: { subject: { id: 'mara' } } }, {}, at);
    const output = { result: { decision: 'approved', by: ['person:1'], reason: '' }, verify: { state: 'unverifiable' as const, residual_access_until: null, why: '' }, already: false, attempts: 1 };
    expect(playbook.apply(state, { kind: 'done', invokeId: 'question', output }, at).value).toBe('disable');
  });
});

describe('each finding', () => {
  it('has an example', () => {
    expect(invalid.map((file) => `playbook.${file.replace('.yaml', '').replaceAll('-', '_')}`).sort()).toEqual(Object.keys(findingCatalogue).sort());
  });

  it.each(invalid)('%s shows its fault and no other', (file) => {
    const code = `playbook.${file.replace('.yaml', '').replaceAll('-', '_')}`;
    const { findings } = checkPlaybookText(read(`invalid/${file}`), FIXTURE_ACTIONS);
    expect(new Set(findings.map((finding) => finding.code))).toEqual(new Set([code]));
    expect(findings.every(({ remedy, line, message }) => remedy !== '' && line > 0 && message !== '')).toBe(true);
  });
});

/** A change of a valid playbook, and what it has to lead to: line, code, place and words. */
const changes: readonly (readonly [string, string, string])[] = [
  ['onDone: breach\n    breach', 'onDone: braech\n    breach', "106 unknown_target machine.states.contain.onDone: there is no state 'braech' from here (did you mean 'breach'?)"],
  ['incident.merged: .stopped', 'incident.merged: stopped', "42 unknown_target machine.on[\"incident.merged\"]: there is no state 'stopped' from here; from the machine itself write '.stopped'"],
  ['  initial: tell', '  initial: tel', "unknown_target machine.initial: there is no state 'tel' inside (did you mean 'tell'?)"],
  ['manual.skip:', 'manual skip:', "unknown_event"],
  ['manual.skip:', 'xstate.done.actor.ask:', 'refused_feature'],
  ['src: mail.send', 'src: mail.sent', "48 unknown_action machine.states.tell.invoke.src: there is no action 'mail.sent' (did you mean 'mail.send'?)"],
  ["default: approver", "default: aprover", "unknown_role machine.states.approve.states.asked.invoke.input.role: there is no role 'aprover' (did you mean 'approver'?)"],
  ['approves: [sessions, account]', 'approves: [session, account]', "unknown_invoke machine.states.approve.states.asked.invoke.input.approves[0]: no invoke has the id 'session' (did you mean 'sessions'?)"],
  ['scope: all', 'scope: [accnt]', 'unknown_invoke machine.states.release.invoke.input.scope[0]'],
  ['scope: all', 'scope: "since:contian"', "unknown_target machine.states.release.invoke.input.scope: there is no state 'contian' (did you mean 'contain'?)"],
  ['deadline: { type: string, format: duration, default: PT30M }', 'deadline: { type: string, default: 30m }', "bad_duration machine.states.approve.states.asked.invoke.input.deadline: '30m' is no ISO 8601 duration; write PT30M"],
  ['              deadline: "${ params.deadline }"\n', '', 'wait_without_deadline machine.states.approve.states.asked.invoke: the approval'],
  ['onDeadline: escalate', 'onDeadline: approve', 'approve_by_default machine.states.approve.states.asked.invoke.input.onDeadline: silence would let sessions, account happen'],
  ['onDeadline: escalate', 'onDeadline: "${ params.role }"', 'approve_by_default'],
  ['onDeadline: escalate', 'onDeadline: wait', 'input_mismatch machine.states.approve.states.asked.invoke.input.onDeadline'],
  ['PT10M:', 'PT10:', "bad_delay machine.states.approve.states.asked.after.PT10: 'PT10' is no ISO 8601 duration"],
  ['PT10M:', 'PT0S:', "'PT0S' is no time at all"],
  ['PT10M:', '-PT10M:', 'a delay lies ahead'],
  ['PT10M:', 'P1M:', 'months and years differ in length'],
  ['PT10M:', 'approvalDeadline:', 'names of delays are not part of the format'],
  ['PT10M:', '"600000":', 'write it as PT…S'],
  ['timeout: PT1M', 'timeout: PT0S', 'bad_duration machine.states.tell.invoke.timeout'],
  ['"${ duration(params.watch) }"', '"${ duration(params.wait) }"', "unknown_name machine.states.watch.after[\"${ duration(params.wait) }\"]: there is no member 'wait'"],
  ['"${ duration(params.watch) }"', '"${ context.reminders > 1 }"', 'expression_type machine.states.watch.after["${ context.reminders > 1 }"]: a delay gives a duration or a timestamp'],
  ["event.verdict == 'false_positive'", "event.verdict == 'false-positive'", "expression_type machine.on[\"incident.closed\"].guard: the value is never 'false-positive' (did you mean 'false_positive'?)"],
  ["event.verdict == 'false_positive'", "event.reason", 'a condition gives true or false'],
  ["event.verdict == 'false_positive'", "context.incident.id == 'x'", "string has no member 'id'"],
  ['guard: "${ context.reminders < 2 }"', 'guard: "context.reminders < 2"', 'wrong_value machine.states.approve.states.asked.after.PT10M.guard: \'context.reminders < 2\' is not one expression'],
  ['event.incident.risk >=', 'event.incident.riks >=', "unknown_name trigger.when: there is no member 'riks' (did you mean 'risk'?)"],
  ['>= params.minimumRisk', '>= context.level', "unknown_name trigger.when: 'context' is not known here"],
  ['person: "${ event.incident.subject.id }"', 'persn: "${ event.incident.subject.id }"', "context_mismatch context.initial.persn: there is no 'persn' (did you mean 'person'?)"],
  ['    reminders: 0\n', '', "context_mismatch context.initial: 'reminders' is missing"],
  ['    reminders: 0\n', '    reminders: many\n', 'context_mismatch context.initial.reminders: must be integer'],
  ['assign: { reminders: "${ context.reminders + 1 }" }', 'assign: { reminders: "${ context.person }" }', 'context_mismatch machine.states.approve.states.asked.after.PT10M.assign.reminders: the expression gives string, where number is expected'],
  ['assign: { reminders: "${ context.reminders + 1 }" }', 'assign: { reminders: "at ${ context.reminders }" }', 'gives string, where number'],
  ['assign: { reminders: "${ context.reminders + 1 }" }', 'assign: { remaining.days: 1 }', "context_path machine.states.approve.states.asked.after.PT10M.assign[\"remaining.days\"]: the context has no 'remaining.days'"],
  ['urgent: "${ context.level == \'critical\' }"', 'urgent: "${ context.level }"', 'input_mismatch machine.states.tell.invoke.input.urgent: the expression gives string (informational'],
  ['urgent: "${ context.level == \'critical\' }"', 'urgent: yes', 'input_mismatch machine.states.tell.invoke.input.urgent: must be boolean'],
  ['urgent: "${', 'urgend: "${', "there is no 'urgend' (did you mean 'urgent'?)"],
  ['input: { user: "${ context.person }" }', 'input: {}', "input_mismatch machine.states.contain.states.directory.states.disable.invoke.input: 'user' is missing"],
  ['params: { text: "still open: ${ context.incident }" }', 'params: { text: hello, level: loud }', 'params.level: must be equal to one of the allowed values'],
  ['default: 70 }', 'default: 70, description: 5 }', 'bad_schema params: this is no JSON Schema'],
  ['    revoked: { type: final }', '    revoked: {}', "dead_end machine.states.contain.states.tokens.states.revoked: nothing leads out of"],
  ['              onDone: disabled', '              onDone: later', 'unknown_target'],
  ['            disabled: { type: final }', '            disabled: { type: final, outcome: contained }', 'state_kind machine.states.contain.states.directory.states.disabled.outcome: only a final state of the machine itself'],
  ['      onDone: breach\n    breach', '    breach', "dead_end machine.states.contain: 'contain' is done here, and no onDone leads on"],
  ['"${ duration(params.watch) }": { target: done, clock: frozen }', '"${ duration(params.watch) }": { target: done, guard: "${ context.reminders > 0 }" }', ''],
  ['        "${ context.residual == null ? now + duration(\'P30D\') : timestamp(context.residual) }": done\n', '      on: { incident.closed: done }\n', ''],
  ['"${ duration(params.watch) }": { target: done, clock: frozen }\n        "${ context.residual == null ? now + duration(\'P30D\') : timestamp(context.residual) }": done', 'PT1H: { target: done, guard: "${ context.reminders > 0 }" }', "wait_without_deadline machine.states.watch: 'watch' may wait for ever"],
  ['        onDone: released', '        onDone: { assign: { reminders: 0 } }', "wait_without_deadline machine.states.release: 'release' may wait for ever"],
  ['          initial: revoke\n', '', "missing_key machine.states.contain.states.tokens: 'initial' is missing"],
  ['                  - "#escalate"\n', '', 'no_default_branch machine.states.contain.states.tokens.states.revoke.invoke.onError'],
  ['        "${ duration(params.watch) }": { target: done, clock: frozen }\n        "${ context.residual', '        "${ context.residual', ''],
  ['        onDone: watch\n', '        onDone: [{ guard: "${ event.output.already }", target: done }, watch]\n', ''],
  ['      onDone: breach\n    breach', '      onDone: [{ guard: "${ context.reminders > 0 }", target: breach }, watch]\n    breach', "skipped_obligation machine.states.done: 'done' can be reached after 'account' without breach.open"],
  ['"#escalate"\n              on: { manual.skip: revoked }', '"#done"\n              on: { manual.skip: revoked }', "skipped_obligation machine.states.done: 'done' can be reached after 'sessions' without breach.open"],
  ['on: { manual.skip: revoked }', 'on: { manual.skip: "#done" }', "'done' can be reached after 'account' without breach.open"],
  ['directory.revoke-sessions: { mode: ask }', 'directory.revoke-sessions: { mode: auto }', 'irreversible_auto policy["directory.revoke-sessions"].mode'],
  ['{ mode: ask, expires: P7D, undo: ask }', '{ mode: auto, undo: none }', 'irreversible_auto policy["directory.disable-account"].mode'],
  ['{ mode: ask, expires: P7D, undo: ask }', '{ mode: ask, expires: P1Y }', 'bad_duration policy["directory.disable-account"].expires'],
  ['  directory.revoke-sessions: { mode: ask }', '  directory.revoke-session: { mode: ask }', "unknown_action policy[\"directory.revoke-session\"]: there is no action 'directory.revoke-session' (did you mean 'directory.revoke-sessions'?)"],
];

describe('changes of a playbook without fault', () => {
  const text = read('valid/stop-bulk-download.yaml');
  it.each(changes)('%j → %j', (from, to, expected) => {
    expect(text).toContain(from);
    const found = findingsOf(text.replace(from, () => to));
    if (expected === '') expect(found).toEqual([]);
    else expect(found.join('\n')).toContain(expected);
  });
});

/** A copy of a document with another value at a path. */
function replaced(document: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) return document.map((item: unknown, index) => (index === key ? replaced(item, rest, value) : item));
  return Object.fromEntries(Object.entries(document as object).map(([name, member]) => [name, name === key ? replaced(member, rest, value) : member]));
}

describe('checking', () => {
  const document: unknown = parse(read('valid/stop-bulk-download.yaml'));
  const paths: (string | number)[][] = [];
  const collect = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (Array.isArray(value)) value.forEach((item, index) => collect(item, [...path, index]));
    else if (value !== null && typeof value === 'object') Object.entries(value).forEach(([key, member]) => collect(member, [...path, key]));
  };
  collect(document, []);
  const fragment = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('${ context.person }', '${ event.output.x', '#watch', '.tell', 'tell', {}, [], { type: 'parallel' }, { type: 'history', history: 'deep', target: 'asked' }, { $ref: '#/x' }, { type: 'object', properties: 5 }, { type: 'string' }, 'PT0S', '${ [1].map(x, x) }'),
  );

  it('gives findings for whatever change, and what it lets pass makes a machine', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), fragment), { minLength: 1, maxLength: 3 }), (edits) => {
        const edited = edits.reduce<unknown>((value, [path, replacement]) => (hasPath(value, path) ? replaced(value, path, replacement) : value), document);
        const checked = checkPlaybookText(JSON.stringify(edited), FIXTURE_ACTIONS);
        expect(checked.findings.every(({ code, line, column }) => code in findingCatalogue && line > 0 && column > 0)).toBe(true);
        if (checked.ok) compilePlaybook(checked.source, checked.hash);
        else expect(checked.findings.some(({ severity }) => severity === 'error')).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('is bounded in states', () => {
    const states = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`s${index}`, { after: { PT1S: `s${index + 1}` } }]));
    expect(findingsOf(JSON.stringify({ ...(document as object), machine: { initial: 's0', states } })).join()).toContain('too_large machine: the machine has 502 states');
  });
});

function hasPath(value: unknown, [key, ...rest]: readonly (string | number)[]): boolean {
  if (key === undefined) return true;
  return value !== null && typeof value === 'object' && Object.hasOwn(value, key) && hasPath((value as Record<string | number, unknown>)[key], rest);
}
