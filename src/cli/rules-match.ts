import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Logsource, RuleMatch, RuleMatcher, RuleSet } from '../detect/engine/index.js';
import type { JsonObject } from '../kernel/index.js';
import { ExitCode } from './exit-codes.js';
import { loadRuleSet, printRefused } from './load-rule-set.js';
import { splitLines } from './normalise-lines.js';
import { reportUnreadable, UnreadableEvents } from './unreadable-events.js';

interface MatchOptions {
  readonly rules: string[];
  readonly events: string;
  readonly placeholders?: string;
  readonly json?: boolean;
}

const logsourceName = z.string().nullish().transform((name) => (name === null || name === undefined || name === '' ? undefined : name.toLowerCase()));
const inputLine = z.object({
  event_id: z.union([z.string(), z.number()]),
  logsources: z.array(z.object({ product: logsourceName, category: logsourceName, service: logsourceName })),
  event: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'must be an object'),
});

export function registerRulesMatch(rules: Command): void {
  rules
    .command('match')
    .description('print which rules match which events')
    .requiredOption('--rules <path...>', 'rule files, or folders of *.yml and *.yaml')
    .requiredOption('--events <file>', 'one a line: {"event_id", "logsources": [{"product", "category", "service"}], "event": {…}}')
    .option('--placeholders <file>', 'values of %placeholders%, JSON or YAML: {"Name": ["value", …]}')
    .option('--json', 'print {"event_id", "rule_id"}, one a line')
    .action(async (options: MatchOptions) => {
      process.exitCode = await match(options);
    });
}

async function match(options: MatchOptions): Promise<number> {
  let ruleSet: RuleSet;
  try {
    ruleSet = await loadRuleSet(options.rules, options.placeholders);
    const { RuleMatcher } = await import('../detect/engine/index.js');
    const matcher = new RuleMatcher(ruleSet.rules);
    await pipeline(createReadStream(options.events), (chunks: AsyncIterable<Buffer>) => matches(matcher, chunks, options.json === true), process.stdout, { end: false });
  } catch (error) {
    return reportUnreadable(error, options.events);
  }
  printRefused(ruleSet.refused);
  return ruleSet.refused.length > 0 ? ExitCode.findings : ExitCode.ok;
}

async function* matches(matcher: RuleMatcher, chunks: AsyncIterable<Buffer>, json: boolean): AsyncGenerator<string> {
  let number = 0;
  for await (const lines of splitLines(chunks)) {
    let output = '';
    for (const line of lines) {
      const text = line.toString('utf8');
      number++;
      if (text.trim() === '') continue;
      const { event_id: eventId, logsources, event } = readLine(text, number);
      for (const found of matcher.match(event, logsources.map(asLogsource))) output += json ? `${JSON.stringify({ event_id: eventId, rule_id: found.rule.id })}\n` : describe(String(eventId), found);
    }
    if (output !== '') yield output;
  }
}

function readLine(text: string, number: number): z.infer<typeof inputLine> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnreadableEvents(`line ${number} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = inputLine.safeParse(value);
  if (!parsed.success) throw new UnreadableEvents(`line ${number}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function asLogsource(names: { readonly [Key in keyof Logsource]: string | undefined }): Logsource {
  return { ...(names.product && { product: names.product }), ...(names.category && { category: names.category }), ...(names.service && { service: names.service }) };
}

function describe(eventId: string, { rule, terms }: RuleMatch): string {
  const why = terms.map(({ term, operator, expected, observed }) => `    ${term} ${operator} ${JSON.stringify(expected)}, seen ${shortened(JSON.stringify(observed))}\n`);
  return `${eventId}  ${rule.level}  ${rule.title} (${rule.id})\n${why.join('')}`;
}

function shortened(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
