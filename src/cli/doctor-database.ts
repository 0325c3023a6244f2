import { Database, requireCurrentSchema, type DatabaseUrls } from '../platform/index.js';
import { isCordonError } from '../kernel/index.js';
import type { Finding } from './doctor-checks.js';

const OLDEST_SERVER = 150_000;
const CLOCK_WARN_MS = 2_000;

interface Server {
  readonly version: number;
  readonly role: string;
  readonly superuser: boolean;
  readonly now: Date;
}

const SERVER = `SELECT current_setting('server_version_num')::integer AS version, current_user::text AS role,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser, clock_timestamp() AS now`;

/** Version, roles, schema and clock, as the application's role sees them. @throws CordonError `platform.database_*` */
export async function examineDatabase({ appUrl, ownerUrl }: DatabaseUrls): Promise<Finding[]> {
  const database = await Database.open({ url: appUrl, poolSize: 2, applicationName: 'cordon doctor' });
  try {
    const asked = Date.now();
    const [server] = await database.query<Server>(SERVER);
    const answered = Date.now();
    if (!server) return [{ state: 'fault', check: 'database', detail: 'it gave no answer about itself' }];
    return [versionOf(server), rolesOf(server, appUrl === ownerUrl), await schemaOf(database), clockOf(server.now.getTime() - (asked + answered) / 2)];
  } finally {
    await database.close();
  }
}

const versionOf = ({ version }: Server): Finding => ({
  state: version < OLDEST_SERVER ? 'fault' : 'ok', check: 'database', detail: `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}${version < OLDEST_SERVER ? ' is too old; 15 or newer is needed' : ''}`,
});

function rolesOf({ role, superuser }: Server, oneRole: boolean): Finding {
  if (superuser) return { state: 'fault', check: 'roles', detail: `the application runs as superuser ${role}, who may change audit rows; make roles of its own (docs/how-to/operate.md)` };
  if (oneRole) return { state: 'warn', check: 'roles', detail: `${role} is owner and application in one, and may change audit rows; set database.ownerUrl to another role` };
  return { state: 'ok', check: 'roles', detail: `the application is ${role}, another role owns the schema` };
}

async function schemaOf(database: Database): Promise<Finding> {
  try {
    await requireCurrentSchema(database);
    return { state: 'ok', check: 'schema', detail: 'is of this version' };
  } catch (error) {
    if (!isCordonError(error)) throw error;
    return { state: isCordonError(error, 'platform.schema_older') ? 'warn' : 'fault', check: 'schema', detail: `${error.message}. ${error.definition.remedy}` };
  }
}

export function clockOf(offsetMs: number): Finding {
  const far = Math.abs(offsetMs) > CLOCK_WARN_MS;
  return { state: far ? 'warn' : 'ok', check: 'clock', detail: `${Math.round(offsetMs)} ms between the database's clock and this one${far ? '; signatures are checked against time, so set both by NTP' : ''}` };
}
