import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedId, type ActionDescription, type IncidentSnapshot } from '../../kernel/index.js';
import { GOVERNOR_MODES, type GovernorMode } from '../engine/playbook-source.js';
import type { Case } from './case.js';
import type { Circumstances, Subject } from './circumstances.js';
import { decide } from './decide.js';
import type { GovernorRequest } from './governor.js';
import type { GovernorPolicy } from './governor-policy.js';
import { STRICTNESS } from './opinion.js';

const NOW = new Date('2026-03-02T10:00:00Z');
const MINUTE = 60_000;

const ACTION: ActionDescription = {
  id: 'demo.suspend-account', title: 'Suspend an account', effectClass: 'convergent', destructive: true, notify: false,
  input: {}, result: {}, verification: 'read-back', undo: { action: 'demo.restore-account' }, timeoutMs: 1000,
};
const INCIDENT: IncidentSnapshot = {
  id: derivedId('incident'), episode: 1, status: 'open', title: 'x', level: 'high', risk: 80, tags: [], subject: { type: 'account', id: 'ann', accounts: ['ann'] },
  first: NOW.toISOString(), last: NOW.toISOString(), signalCount: 2, rules: ['r1', 'r2'], sources: ['gateway', 'idp'], assignee: null, verdict: null,
};
const ANN: Subject = { entity: { type: 'account', value: 'ann' }, names: ['account:ann'], identity: 'account:ann', listed: [], breakGlass: 'no', breakGlassWhy: 'source hr states so', criticality: null };

const REQUEST: GovernorRequest = {
  effectId: derivedId('effect'), runId: derivedId('run'), playbook: 'contain', action: ACTION, input: {}, entities: [ANN.entity], mode: 'auto', incident: INCIDENT, approved: null, isUndo: false,
};
const POLICY: GovernorPolicy = {
  modes: { destructive: 'auto', other: 'auto', notify: 'auto' },
  actions: new Map(),
  caps: { perHour: 20, reserve: 0.2, share: 0.01, shareWindowMs: 24 * 60 * MINUTE, actions: new Map() },
  cooldown: { periodMs: 60 * MINUTE, actionsMs: new Map() },
  protected: { own: [], refuse: [], ask: [], breakGlass: 'refuse', criticality: 'critical' },
  promotedRules: new Set(),
  streams: new Map([['gateway', 'cordon.gateway'], ['gateway-2', 'cordon.gateway'], ['idp', 'azure.identity_protection']]),
};
const CALM: Circumstances = {
  now: NOW, switches: [], subjects: [ANN], usage: { holdsSlot: false, destructiveInHour: 0, actionInHour: 0, identitiesHit: 0, directorySize: 1000, lastOnSubject: null },
};
const APPROVED = { approvalId: 'a-1', by: ['person:bo'] };
const ON = { scope: 'all', engaged: true, reason: 'test', by: 'key:1', at: NOW };

interface Changes {
  readonly request?: Partial<GovernorRequest>;
  readonly action?: Partial<ActionDescription>;
  readonly incident?: Partial<IncidentSnapshot>;
  readonly policy?: Partial<GovernorPolicy>;
  readonly circumstances?: Partial<Circumstances>;
  readonly usage?: Partial<Circumstances['usage']>;
  readonly subject?: Partial<Subject>;
}

function caseOf({ request, action, incident, policy, circumstances, usage, subject }: Changes): Case {
  return {
    request: { ...REQUEST, action: { ...ACTION, ...action }, incident: { ...INCIDENT, ...incident }, ...request },
    policy: { ...POLICY, ...policy },
    circumstances: { ...CALM, subjects: [{ ...ANN, ...subject }], ...circumstances, usage: { ...CALM.usage, ...usage } },
  };
}

const verdict = (changes: Changes) => decide(caseOf(changes));
const action = (mode?: GovernorMode, irreversible = false) => new Map([[ACTION.id, { mode, irreversible }]]);

describe('decide', () => {
  it('lets go where nothing speaks against it, and says on what that rests', () => {
    expect(verdict({})).toEqual({
      decision: 'go', mode: 'auto', page: false,
      reasons: ['mode auto: playbook contain says so', `incident ${INCIDENT.id} has the evidence that it takes: sources gateway, idp, rules r1, r2`],
    });
  });

  it.each<[string, Changes, string, RegExp]>([
    ['kill switch', { circumstances: { switches: [ON] } }, 'refuse', /^the kill switch for all actions is on since .*, set by key:1: test$/],
    ['own account', { subject: { listed: ['own'] } }, 'refuse', /Cordon itself/],
    ['refused by list', { subject: { listed: ['refuse'] } }, 'refuse', /respond\.protected\.refuse/],
    ['asked by list', { subject: { listed: ['ask'] } }, 'ask', /respond\.protected\.ask/],
    ['break-glass', { subject: { breakGlass: 'yes' } }, 'refuse', /break-glass identity/],
    ['break-glass, set to ask', { subject: { breakGlass: 'yes' }, policy: { protected: { ...POLICY.protected, breakGlass: 'ask' } } }, 'ask', /break-glass identity/],
    ['break-glass unknown', { subject: { breakGlass: 'unknown' } }, 'ask', /it is not known whether account ann/],
    ['critical', { subject: { criticality: 'critical' } }, 'ask', /criticality critical/],
    ['high, limit at medium', { subject: { criticality: 'high' }, policy: { protected: { ...POLICY.protected, criticality: 'medium' } } }, 'ask', /criticality high/],
    ['nobody named', { circumstances: { subjects: [] } }, 'ask', /does not say whom it acts on/],
    ['playbook asks', { request: { mode: 'ask' } }, 'ask', /^mode ask: playbook contain/],
    ['playbook says nothing', { request: { mode: undefined } }, 'ask', /states none/],
    ['playbook observes', { request: { mode: 'observe' } }, 'refuse', /^mode observe: playbook/],
    ['deployment suggests', { policy: { actions: action('suggest') } }, 'refuse', /^mode suggest: respond\.policy/],
    ['class asks', { policy: { modes: { ...POLICY.modes, destructive: 'ask' } } }, 'ask', /^mode ask: respond\.modes/],
    ['no undo', { action: { undo: { none: 'mail is gone' } } }, 'ask', /cannot be taken back \(mail is gone\)/],
    ['one source', { incident: { sources: ['idp'] } }, 'ask', /only the stream azure\.identity_protection/],
    ['two sources of one stream', { incident: { sources: ['gateway', 'gateway-2'] } }, 'ask', /only the stream cordon\.gateway/],
    ['a second source that is open', { incident: { sources: ['gateway', 'anyone'] } }, 'ask', /only the stream cordon\.gateway/],
    ['promoted rule on an open source', { incident: { sources: ['anyone'] }, policy: { promotedRules: new Set(['r1']) } }, 'ask', /no authenticated source/],
    ['no incident', { request: { incident: null } }, 'ask', /no incident/],
    ['cool-down', { usage: { lastOnSubject: new Date(NOW.getTime() - 59 * MINUTE) } }, 'ask', /^demo\.suspend-account went for the same one/],
    ['cap spent', { usage: { destructiveInHour: 16 } }, 'ask', /^the cap of 20 destructive actions an hour, 4 of which/],
    ['cap and reserve spent', { incident: { level: 'critical' }, usage: { destructiveInHour: 20 } }, 'ask', /^the cap of 20 destructive actions an hour is spent/],
    ['cap of the action', { policy: { caps: { ...POLICY.caps, actions: new Map([[ACTION.id, 2]]) } }, usage: { actionInHour: 2 } }, 'ask', /^the cap of 2 demo\.suspend-account an hour/],
    ['share', { usage: { identitiesHit: 10 } }, 'ask', /^the cap of 10 accounts in 24 h \(1 % of 1000\)/],
    ['share of 0', { policy: { caps: { ...POLICY.caps, share: 0 } } }, 'ask', /^the cap of 0 accounts/],
    ['empty directory', { usage: { directorySize: 0 } }, 'ask', /context knows no accounts/],
  ])('%s', (_name, changes, decision, reason) => {
    const found = verdict(changes);
    expect(found).toMatchObject({ decision, reasons: [expect.stringMatching(reason)] });
    expect(found.page).toBe(/^the cap/.test(found.reasons[0]!));
  });

  it.each<[string, Changes]>([
    ['promoted rule', { incident: { sources: ['gateway'] }, policy: { promotedRules: new Set(['r2']) } }],
    ['irreversible, allowed', { action: { undo: { none: 'x' } }, policy: { actions: action('auto', true) } }],
    ['action in place of its class', { policy: { modes: { ...POLICY.modes, destructive: 'observe' }, actions: action('auto') } }],
    ['cool-down over', { usage: { lastOnSubject: new Date(NOW.getTime() - 60 * MINUTE) } }],
    ['last of the cap', { usage: { destructiveInHour: 15 } }],
    ['last of the reserve', { incident: { level: 'critical' }, usage: { destructiveInHour: 19 } }],
    ['last of the share', { usage: { identitiesHit: 9 } }],
    ['one account of a small directory', { usage: { directorySize: 3 } }],
    ['slot held', { usage: { holdsSlot: true, destructiveInHour: 99, identitiesHit: 99, lastOnSubject: NOW } }],
    ['only tells', { action: { destructive: false, notify: true, undo: { none: 'said' } }, request: { mode: undefined }, circumstances: { subjects: [] }, incident: { sources: [] } }],
    ['undo during a kill switch', { request: { isUndo: true, incident: null }, circumstances: { switches: [ON] }, subject: { breakGlass: 'yes' }, usage: { destructiveInHour: 99 } }],
  ])('lets go: %s', (_name, changes) => {
    expect(verdict(changes)).toMatchObject({ decision: 'go', page: false });
  });

  it('does not page where a person would have been asked anyway', () => {
    expect(verdict({ usage: { destructiveInHour: 20 }, request: { mode: 'ask' } })).toMatchObject({ decision: 'ask', page: false });
    expect(verdict({ usage: { destructiveInHour: 20 }, incident: { sources: ['idp'] } })).toMatchObject({ decision: 'ask', page: false });
  });

  it('judges an undo by its mode', () => {
    expect(verdict({ request: { isUndo: true, mode: 'ask' } }).decision).toBe('ask');
    expect(verdict({ request: { isUndo: true, mode: undefined }, policy: { modes: { ...POLICY.modes, destructive: 'observe' } } }).decision).toBe('go');
    expect(verdict({ request: { isUndo: true }, policy: { actions: action('observe') } }).decision).toBe('refuse');
  });
});

/** Restrictions: each makes the case stricter in one way. */
const RESTRICTIONS: Readonly<Record<string, (one: Case) => Case>> = {
  switch: (one) => ({ ...one, circumstances: { ...one.circumstances, switches: [...one.circumstances.switches, ON] } }),
  own: listed('own'),
  refuse: listed('refuse'),
  ask: listed('ask'),
  glass: subject({ breakGlass: 'yes' }),
  'not known, which was no': (one) => (one.circumstances.subjects[0]?.breakGlass === 'no' ? subject({ breakGlass: 'unknown' })(one) : one),
  critical: subject({ criticality: 'critical' }),
  'no undo': (one) => ({ ...one, request: { ...one.request, action: { ...one.request.action, undo: { none: 'x' } } } }),
  destructive: (one) => ({ ...one, request: { ...one.request, action: { ...one.request.action, destructive: true } } }),
  'one source fewer': (one) => (one.request.incident ? { ...one, request: { ...one.request, incident: { ...one.request.incident, sources: one.request.incident.sources.slice(1) } } } : one),
  'no incident': (one) => ({ ...one, request: { ...one.request, incident: null } }),
  'not promoted': policy({ promotedRules: new Set() }),
  'not authenticated': policy({ streams: new Map() }),
  'no approval': (one) => ({ ...one, request: { ...one.request, approved: null } }),
  'directory unknown': usage({ directorySize: 0 }),
  'more went': (one) => usage({ destructiveInHour: one.circumstances.usage.destructiveInHour + 5, actionInHour: one.circumstances.usage.actionInHour + 5, identitiesHit: one.circumstances.usage.identitiesHit + 5 })(one),
  'just went': usage({ lastOnSubject: NOW }),
  'smaller cap': (one) => policy({ caps: { ...one.policy.caps, perHour: Math.floor(one.policy.caps.perHour / 2), share: one.policy.caps.share / 2 } })(one),
  'cap of the action': (one) => policy({ caps: { ...one.policy.caps, actions: new Map([[ACTION.id, 1]]) } })(one),
  'longer cool-down': (one) => policy({ cooldown: { ...one.policy.cooldown, periodMs: one.policy.cooldown.periodMs * 2 } })(one),
  'stricter playbook': (one) => ({ ...one, request: { ...one.request, mode: stricterMode(one.request.mode ?? (one.request.action.destructive ? 'ask' : 'auto')) } }),
  'stricter class': (one) => policy({ modes: { destructive: stricterMode(one.policy.modes.destructive), other: stricterMode(one.policy.modes.other), notify: stricterMode(one.policy.modes.notify) } })(one),
};

function listed(list: Subject['listed'][number]) {
  return (one: Case): Case => subject({ listed: [...(one.circumstances.subjects[0]?.listed ?? []), list] })(one);
}

function subject(change: Partial<Subject>) {
  return (one: Case): Case => ({ ...one, circumstances: { ...one.circumstances, subjects: one.circumstances.subjects.map((known, index) => (index === 0 ? { ...known, ...change } : known)) } });
}

function policy(change: Partial<GovernorPolicy>) {
  return (one: Case): Case => ({ ...one, policy: { ...one.policy, ...change } });
}

function usage(change: Partial<Circumstances['usage']>) {
  return (one: Case): Case => ({ ...one, circumstances: { ...one.circumstances, usage: { ...one.circumstances.usage, ...change } } });
}

const stricterMode = (mode: GovernorMode): GovernorMode => GOVERNOR_MODES[Math.max(0, GOVERNOR_MODES.indexOf(mode) - 1)]!;

const anyMode = fc.constantFrom(...GOVERNOR_MODES);
/** Cases near the edge: most of what is drawn goes or almost goes. */
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    mode: fc.oneof({ weight: 3, arbitrary: fc.constant<GovernorMode>('auto') }, { weight: 1, arbitrary: fc.option(anyMode, { nil: undefined }) }),
    byClass: fc.oneof({ weight: 3, arbitrary: fc.constant<GovernorMode>('auto') }, { weight: 1, arbitrary: anyMode }),
    own: fc.option(anyMode, { nil: undefined, freq: 4 }),
    irreversible: fc.boolean(),
    kind: fc.constantFrom('destructive', 'destructive', 'notify', 'other'),
    undo: fc.constantFrom<ActionDescription['undo']>({ action: 'demo.restore-account' }, { action: 'demo.restore-account' }, { none: 'x' }),
    sources: fc.subarray(['gateway', 'gateway-2', 'idp', 'anyone']),
    level: fc.constantFrom('high', 'critical'),
    promoted: fc.boolean(),
    approved: fc.boolean(),
    isUndo: fc.constantFrom(false, false, false, true),
    used: fc.integer({ min: 0, max: 22 }),
    minutes: fc.option(fc.integer({ min: 0, max: 130 }), { nil: null }),
    holdsSlot: fc.constantFrom(false, false, false, true),
    breakGlass: fc.constantFrom('no', 'no', 'no', 'unknown', 'yes'),
    breakGlassPolicy: fc.constantFrom('refuse', 'ask'),
  })
  .map((drawn) =>
    caseOf({
      action: { destructive: drawn.kind === 'destructive', notify: drawn.kind === 'notify', undo: drawn.undo },
      incident: { sources: drawn.sources, level: drawn.level as 'high' },
      request: { mode: drawn.mode, approved: drawn.approved ? APPROVED : null, isUndo: drawn.isUndo },
      subject: { breakGlass: drawn.breakGlass as 'no' },
      usage: { destructiveInHour: drawn.used, actionInHour: drawn.used, identitiesHit: Math.floor(drawn.used / 2), holdsSlot: drawn.holdsSlot, lastOnSubject: drawn.minutes === null ? null : new Date(NOW.getTime() - drawn.minutes * MINUTE) },
      policy: {
        modes: { destructive: drawn.byClass, other: drawn.byClass, notify: drawn.byClass },
        actions: new Map(drawn.own || drawn.irreversible ? [[ACTION.id, { mode: drawn.own, irreversible: drawn.irreversible }]] : []),
        promotedRules: new Set(drawn.promoted ? ['r1'] : []),
        protected: { ...POLICY.protected, breakGlass: drawn.breakGlassPolicy as 'ask' },
      },
    }),
  );

describe('decide, for any case', () => {
  it.each(Object.keys(RESTRICTIONS))('is not laxer with a further restriction: %s', (name) => {
    fc.assert(
      fc.property(anyCase, fc.subarray(Object.keys(RESTRICTIONS)), (drawn, others) => {
        const before = others.reduce((one, other) => RESTRICTIONS[other]!(one), drawn);
        const after = RESTRICTIONS[name]!(before);
        expect(STRICTNESS[decide(after).decision]).toBeGreaterThanOrEqual(STRICTNESS[decide(before).decision]);
      }),
      { numRuns: 300 },
    );
  });

  it('goes by itself only where every guard holds, pages only over a cap, and always says why', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { decision, mode, reasons, page } = decide(one);
        const { request, circumstances, policy: { caps } } = one;
        expect(reasons[0]).toBeTruthy();
        expect(page && decision !== 'ask').toBe(false);
        if (decision === 'ask') expect(mode).toBe('ask');
        if (decision === 'refuse' || request.isUndo || request.approved || !request.action.destructive || decision !== 'go') return;
        expect(mode).toBe('auto');
        expect(circumstances.subjects.every(({ breakGlass, listed }) => breakGlass === 'no' && listed.length === 0)).toBe(true);
        expect(request.mode).toBe('auto');
        if (!circumstances.usage.holdsSlot) expect(circumstances.usage.destructiveInHour).toBeLessThan(request.incident?.level === 'critical' ? caps.perHour : caps.perHour * (1 - caps.reserve));
      }),
      { numRuns: 1000 },
    );
  });

  it('is never refused less for an approval', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const [without, withOne] = [null, APPROVED].map((approved) => decide({ ...one, request: { ...one.request, approved } }));
        expect(withOne!.decision === 'refuse').toBe(without!.decision === 'refuse');
        expect(withOne!.decision).not.toBe('ask');
      }),
    );
  });
});
