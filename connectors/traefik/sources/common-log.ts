import { toNanoseconds } from '#sdk/index.js';

/**
 * Traefik's `common` access log format: the Common Log Format, then (Traefik only) referrer, user agent, request count,
 * router, server URL and duration. https://doc.traefik.io/traefik/observability/access-logs/
 */
const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const OPTIONAL_QUOTED = `(?:${QUOTED}|-)`;
const LINE = new RegExp(
  `^(\\S+) (\\S+) (\\S+) \\[([^\\]]+)\\] ${QUOTED} (\\d{3}|-) (\\d+|-)` +
  `(?: ${OPTIONAL_QUOTED} ${OPTIONAL_QUOTED}(?: (\\d+|-) ${OPTIONAL_QUOTED} ${OPTIONAL_QUOTED}(?: (\\d+)ms)?)?)?$`,
);
const REQUEST = /^(\S+) (.*) (HTTP\/[\d.]+)$/;

/** The line under the names of Traefik's JSON format, so that one mapping serves both. Undefined when it is another format. */
export function readCommonLog(line: string): Record<string, string | number> | undefined {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, host, , user, time, requestLine = '', status, size, referrer, agent, count, router, server, millis] = match;
  const request = REQUEST.exec(requestLine);
  const fields: Record<string, string | undefined> = {
    ClientHost: host,
    ClientUsername: user,
    StartUTC: time,
    RequestLine: unquote(requestLine),
    RequestMethod: request?.[1],
    RequestPath: unquote(request?.[2] ?? requestLine),
    RequestProtocol: request?.[3],
    request_Referer: unquote(referrer),
    'request_User-Agent': unquote(agent),
    RouterName: router,
    ServerURL: server,
  };
  const numbers = {
    DownstreamStatus: toNumber(status),
    DownstreamContentSize: toNumber(size),
    RequestCount: toNumber(count),
    Duration: toNanoseconds(millis, 'ms'),
  };
  const present = Object.entries({ ...fields, ...numbers }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(present);
}

/** Traefik quotes as Go does: a quote or backslash inside stands behind a backslash. */
const unquote = (text: string | undefined): string | undefined => text?.replace(/\\(["\\])/g, '$1');

const toNumber = (text: string | undefined): number | undefined => (text === undefined || text === '-' ? undefined : Number(text));
