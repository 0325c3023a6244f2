import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ConnectTarget } from './guarded-connect.js';

type Connect = (target: ConnectTarget) => Promise<Duplex>;
type Callback = (error: Error | null, stream: Duplex) => void;

/** A server closes a connection it has not heard of for a while (Node after 5 s): ours are gone before. */
const IDLE_MS = 4_000;
const IDLE_CONNECTIONS = 4;

const pool = (maxConnections: number): AgentOptions => ({ keepAlive: true, maxSockets: maxConnections, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS, scheduling: 'lifo' });

/** Node's agents with every connection made by the dialer. They hand over sockets that are connected already: once a request has one, it may have been sent. */
export interface GuardedAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export function guardedAgents(connect: Connect, maxConnections: number): GuardedAgents {
  const create = (options: { readonly host?: string | null; readonly port?: number | string | null }, tls: boolean, callback: Callback | undefined): undefined => {
    connect({ host: options.host ?? '', port: Number(options.port), tls }).then(
      (socket) => callback?.(null, socket),
      // Without an error Node takes the second argument for a socket; with one it does not look at it.
      (error: Error) => (callback as ((error: Error) => void) | undefined)?.(error),
    );
    return undefined;
  };
  class Http extends HttpAgent {
    override createConnection(options: Parameters<HttpAgent['createConnection']>[0], callback?: Callback): undefined {
      return create(options, false, callback);
    }
  }
  class Https extends HttpsAgent {
    override createConnection(options: Parameters<HttpsAgent['createConnection']>[0], callback?: Callback): undefined {
      return create(options, true, callback);
    }
  }
  return { http: new Http(pool(maxConnections)), https: new Https(pool(maxConnections)) };
}
