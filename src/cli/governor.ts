import { userInfo } from 'node:os';
import { AuditRows } from '../audit/index.js';
import { connectors } from '../connectors.js';
import { PostgresDirectory } from '../context/index.js';
import { Database, PostgresFactLog, Telemetry, WakeUp } from '../platform/index.js';
import { describeActions, openGovernor, parseExplain, parseSwitch, toExplainResponse, toStatusResponse, toSwitchResponse, type OpenGovernor, type SwitchResponse } from '../respond/index.js';
import type { ExplainOptions, GovernorOptions, SwitchOptions } from './governor.command.js';
import { joinDatabase } from './open-database.js';
import { readConfig } from './read-config.js';

const write = (...lines: readonly string[]): void => void process.stdout.write(lines.map((line) => `${line}\n`).join(''));

/** @throws CordonError `platform.*`, `config.*` */
export async function showGovernor(options: GovernorOptions): Promise<void> {
  const status = toStatusResponse(await withGovernor(options, ({ desk }) => desk.status()));
  if (options.json) return write(JSON.stringify(status));
  const { modes, actions, caps } = status;
  printSwitches(status.kill_switches);
  write(`modes: ${Object.entries(modes).map(([name, mode]) => `${name} ${mode}`).join(', ')}`);
  for (const [id, { mode, irreversible }] of Object.entries(actions)) write(`  ${id}: ${mode ?? 'as its class'}${irreversible ? ', although irreversible' : ''}`);
  write(
    `destructive actions in the last hour: ${caps.per_hour.used} of ${caps.per_hour.limit}, ${caps.per_hour.kept_for_critical} kept for incidents of level critical`,
    `accounts hit in ${caps.share.window_ms / 3_600_000} h: ${caps.share.used} of ${caps.share.limit}, ${caps.share.of} known`,
  );
}

/** @throws CordonError `governor.scope_unknown`, `governor.switch_not_on`, `governor.request_invalid` */
export async function changeSwitch(on: boolean, { reason, scope, ...options }: SwitchOptions): Promise<void> {
  const change = { ...parseSwitch({ on, scope, reason }), actor: `cli:${userInfo().username}` };
  const switches = (await withGovernor(options, (governor) => governor.switches.change(change))).map(toSwitchResponse);
  if (options.json) write(JSON.stringify({ kill_switches: switches }));
  else printSwitches(switches);
}

/** @throws CordonError `governor.action_unknown`, `governor.request_invalid`, `incident.unknown` */
export async function explainVerdict({ action, entity = [], mode, incident, ...options }: ExplainOptions): Promise<void> {
  const question = parseExplain({ action, entity, ...(mode === undefined ? {} : { mode }), ...(incident === undefined ? {} : { incident }) });
  const explained = toExplainResponse(await withGovernor(options, ({ desk }) => desk.explain(question)));
  if (options.json) return write(JSON.stringify(explained));
  write(`${explained.decision} (mode ${explained.mode}${explained.page ? ', pages somebody' : ''})`, ...explained.reasons.map((reason) => `- ${reason}`));
}

function printSwitches(switches: readonly SwitchResponse[]): void {
  const on = switches.filter((one) => one.on);
  if (on.length === 0) write('kill switch: off');
  for (const { scope, by, at, reason } of on) write(`kill switch: ON for ${scope}, set by ${by} at ${at}: ${reason}`);
}

async function withGovernor<T>(options: GovernorOptions, work: (governor: OpenGovernor) => Promise<T>): Promise<T> {
  const telemetry = new Telemetry({ level: 'error' });
  const config = readConfig(options.config);
  const server = await joinDatabase(config, { telemetry });
  try {
    const database = await Database.open({ url: server.urls.appUrl, poolSize: 2 });
    try {
      const parts = { facts: new PostgresFactLog(database), written: new WakeUp(), audit: new AuditRows(), directory: new PostgresDirectory(database) };
      return await work(openGovernor({ config, database, telemetry, ...parts, catalogue: describeActions(connectors) }));
    } finally {
      await database.close();
    }
  } finally {
    await server.close();
  }
}
