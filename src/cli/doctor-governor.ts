import type { ResolvedConfig } from '../config/index.js';
import { connectors } from '../connectors.js';
import { Database, sqlState, type DatabaseUrls } from '../platform/index.js';
import { describeActions, examineGovernor, policyOf } from '../respond/index.js';
import type { Finding } from './doctor-checks.js';

const BREAK_GLASS = `SELECT count(*)::integer AS count FROM context_entry WHERE valid_until IS NULL AND body->>'breakGlass' = 'true'`;
/** PostgreSQL's code for a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/** Settings of the governor that take a guard away. They may be meant, so they only warn. */
export async function examinePolicy(config: Pick<ResolvedConfig, 'respond' | 'sources'>, { appUrl }: Pick<DatabaseUrls, 'appUrl'>): Promise<Finding[]> {
  const findings = examineGovernor(policyOf(config), describeActions(connectors), await breakGlassCount(appUrl));
  if (findings.length === 0) return [{ state: 'ok', check: 'governor', detail: 'no setting takes a guard away' }];
  return findings.map(({ setting, detail }) => ({ state: 'warn', check: 'governor', detail: `${setting}: ${detail}` }));
}

async function breakGlassCount(url: string): Promise<number | undefined> {
  const database = await Database.open({ url, poolSize: 1, applicationName: 'cordon doctor' });
  try {
    const [row] = await database.query<{ count: number }>(BREAK_GLASS);
    return row?.count;
  } catch (error) {
    // Before the first migration; the check of the schema tells of it.
    if (sqlState(error) === UNDEFINED_TABLE) return undefined;
    throw error;
  } finally {
    await database.close();
  }
}
