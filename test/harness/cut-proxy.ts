import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';

/** When to cut the connection of a client that sends COMMIT: not at all, before the server hears of it, or before the client hears the answer. */
export type Cut = 'never' | 'before' | 'after';

/** Stands between a client and PostgreSQL and breaks connections at the one moment that matters: the commit. */
export class CutProxy {
  cuts = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    /** Connection string that leads through the proxy. */
    readonly url: string,
  ) {}

  /** `decide` is asked for each COMMIT. */
  static async start(target: string, decide: () => Cut): Promise<CutProxy> {
    const { host, port } = new pg.Client({ connectionString: target });
    const upstreamOf = () => (host.startsWith('/') ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection(port, host));
    const server = createServer((client) => proxy.join(client, upstreamOf(), decide));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(target);
    url.search = '';
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const proxy = new CutProxy(server, url.href);
    return proxy;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, upstream: Socket, decide: () => Cut): void {
    let deaf = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', end).on('close', end).on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (chunk) => {
      const cut = chunk.includes('COMMIT\0') ? decide() : 'never';
      if (cut !== 'never') this.cuts++;
      if (cut === 'before') return end();
      deaf ||= cut === 'after';
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // The server's answer to the cut COMMIT: it has committed, and nobody will be told.
      if (deaf) end();
      else client.write(chunk);
    });
  }
}
