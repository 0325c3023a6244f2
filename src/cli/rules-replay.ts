import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDuration } from '../config/index.js';
import type { CorrelationEngine, RuleMatcher, RuleSet } from '../detect/engine/index.js';
import { isJsonObject, type JsonObject, type Signal } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';
import { loadRuleSet, printRefused } from './load-rule-set.js';
import { splitLines } from './normalise-lines.js';
import { reportUnreadable, UnreadableEvents } from './unreadable-events.js';

interface ReplayOptions {
  readonly rules: string[];
  readonly events: string;
  readonly timeField: string;
  readonly allowedLateness: number;
  readonly suppress: 'episode' | 'none';
  readonly placeholders?: string;
  readonly json?: boolean;
}

/** All events of a file share one clock. */
const SOURCE = 'replay';

export function registerRulesReplay(rules: Command): void {
  rules
    .command('replay')
    .description('run correlations over recorded events in event time and print what fires')
    .requiredOption('--rules <path...>', 'rule files, or folders of *.yml and *.yaml')
    .requiredOption('--events <file>', 'events in the order in which they were delivered, one JSON object a line')
    .option('--time-field <field>', 'field of the event time: ISO 8601, or a Unix time in s, ms, µs or ns', '@timestamp')
    .addOption(new Option('--allowed-lateness <duration>', 'how far an event may lie behind the newest one and still count, such as 10m').default(600_000, '10m').argParser(readLateness))
    .addOption(new Option('--suppress <mode>', 'none: fire at every hit whose window qualifies; episode: once while a group stays above its threshold').choices(['episode', 'none']).default('episode'))
    .option('--placeholders <file>', 'values of %placeholders%, JSON or YAML: {"Name": ["value", …]}')
    .option('--json', 'print one JSON object a firing')
    .action(async (options: ReplayOptions) => {
      process.exitCode = await replay(options);
    });
}

function readLateness(text: string): number {
  const duration = parseDuration(text);
  if (duration === undefined) throw new InvalidArgumentError('Write a duration such as 30s, 10m or 1h.');
  return duration;
}

async function replay(options: ReplayOptions): Promise<number> {
  let ruleSet: RuleSet;
  let run: Replay;
  try {
    ruleSet = await loadRuleSet(options.rules, options.placeholders);
    run = await Replay.of(ruleSet, options);
    await pipeline(createReadStream(options.events), (chunks: AsyncIterable<Buffer>) => run.firings(chunks), process.stdout, { end: false });
  } catch (error) {
    return reportUnreadable(error, options.events);
  }
  printRefused(ruleSet.refused);
  run.printNotes();
  return ruleSet.refused.length > 0 || run.eventsWithoutTime > 0 ? ExitCode.findings : ExitCode.ok;
}

class Replay {
  eventsWithoutTime = 0;
  private lineNumber = 0;

  private constructor(
    private readonly options: ReplayOptions,
    private readonly matcher: RuleMatcher,
    private readonly engine: CorrelationEngine,
    private readonly timeOf: (event: JsonObject) => number | undefined,
  ) {}

  static async of({ rules, correlations }: RuleSet, options: ReplayOptions): Promise<Replay> {
    const { CorrelationEngine, lookUp, parseEventTime, RuleMatcher } = await import('../detect/engine/index.js');
    // events of a file have no logsource: every rule that a correlation refers to is tried
    const referred = new Set(correlations.flatMap((correlation) => correlation.rules));
    const matcher = new RuleMatcher(rules.filter(({ id }) => referred.has(id)).map((rule) => ({ ...rule, logsource: {} })));
    const engine = new CorrelationEngine(correlations, { allowedLatenessMs: () => options.allowedLateness, suppress: options.suppress });
    return new Replay(options, matcher, engine, (event) => parseEventTime(lookUp(event, options.timeField).values[0]?.raw));
  }

  /** What to print, as it fires; after the last event every open window closes. */
  async* firings(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
    for await (const lines of splitLines(chunks)) {
      const output = lines.flatMap((line) => this.take(line.toString('utf8'))).join('');
      if (output !== '') yield output;
    }
    yield this.engine.close().map((signal) => this.print(signal)).join('');
  }

  printNotes(): void {
    const { tooLate } = this.engine.statistics;
    if (tooLate > 0) process.stderr.write(`cordon: ${tooLate} matched events lay further behind than allowed and were left out (--allowed-lateness)\n`);
    if (this.eventsWithoutTime > 0) process.stderr.write(`cordon: ${this.eventsWithoutTime} events without a time in '${this.options.timeField}' were left out (--time-field)\n`);
  }

  private take(line: string): string[] {
    this.lineNumber++;
    if (line.trim() === '') return [];
    const document = this.parse(line);
    const time = this.timeOf(document);
    if (time === undefined) {
      this.eventsWithoutTime++;
      return [];
    }
    const matches = this.matcher.match(document, [{}]).map(({ rule }) => rule.id);
    const event = { id: `line ${this.lineNumber}`, position: this.lineNumber, source: SOURCE, time, receivedAt: time, document };
    return this.engine.accept(event, matches).map((signal) => this.print(signal));
  }

  private parse(line: string): JsonObject {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new UnreadableEvents(`line ${this.lineNumber} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!isJsonObject(value)) throw new UnreadableEvents(`line ${this.lineNumber} is no JSON object`);
    return value;
  }

  private print(signal: Signal): string {
    return this.options.json === true ? `${JSON.stringify(asJson(signal))}\n` : describe(signal);
  }
}

function asJson({ ruleId, ruleTitle, ruleKind, group, first, last, value, eventCount, late }: Signal): JsonObject {
  return {
    rule_id: ruleId, rule: ruleTitle, type: ruleKind, group: { ...group }, first: first.toISOString(), last: last.toISOString(), value: value ?? null, event_count: eventCount, late,
  };
}

function describe({ ruleTitle, level, group, first, last, eventCount, terms, late }: Signal): string {
  const values = Object.entries(group).map(([field, value]) => `${field}=${value}`).join(' ');
  const why = terms.map(({ term, operator, expected, observed }) => `    ${term} ${operator} ${JSON.stringify(expected)}, seen ${JSON.stringify(observed)}\n`);
  return `${last.toISOString()}  ${level}  ${ruleTitle}${values === '' ? '' : `  ${values}`}\n    ${eventCount} events since ${first.toISOString()}${late ? ', completed late' : ''}\n${why.join('')}`;
}
