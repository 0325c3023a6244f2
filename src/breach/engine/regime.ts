/**
 * A regime of breach notification as data: which duty, to whom, started by which event, due by which rule. Numbers of a
 * deadline stand here and nowhere in code. Shipped as proposals: a regime counts only after a recorded act enables it.
 */
export interface Regime {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  readonly jurisdiction: string;
  /** Local dates of the law, `YYYY-MM-DD`; the last day included, null while it is in force. */
  readonly effectiveFrom: string;
  readonly effectiveTo: string | null;
  readonly source: string;
  /** The findings that its gates ask for, each with every value it can have. Anything else is unknown. */
  readonly findings: FindingDomains;
  readonly duties: readonly Duty[];
}

export type FindingDomains = Readonly<Record<string, readonly string[]>>;

/** How far the source of a duty was read: the law's own text, an official summary, or general knowledge. */
export type Grade = 'verified-text' | 'verified-secondary' | 'general-knowledge';

export interface Duty {
  readonly id: string;
  readonly title: string;
  readonly provision: string;
  readonly recipient: string;
  /** The regime's own event from which time counts. */
  readonly startsWith: ClockEvent;
  readonly clock: ClockRule;
  readonly gate: Gate;
  /** What a notice has to say. */
  readonly content: readonly string[];
  readonly grade: Grade;
}

export const CLOCK_EVENTS = ['aware'] as const;
/** `aware`: reasonable certainty that personal data were breached (GDPR). Later regimes add theirs. */
export type ClockEvent = (typeof CLOCK_EVENTS)[number];

/**
 * `elapsed_hours`: hours on the UTC line; weekends and holidays count. `latest: eu_hours`: the hour of the event itself is
 * not counted (Regulation 1182/71, Article 3(1)). `promptly`: the law gives no number.
 */
export type ClockRule = { readonly type: 'elapsed_hours'; readonly hours: number; readonly latest: 'eu_hours' | null } | { readonly type: 'promptly' };

/** When a duty applies, over facts that are known or unknown. */
export type Gate =
  | { readonly type: 'always' }
  | { readonly type: 'in'; readonly fact: string; readonly values: readonly string[] }
  | { readonly type: 'all'; readonly of: readonly Gate[] };
