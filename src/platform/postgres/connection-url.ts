/** Where a server listens. `host` is a folder when it starts with a slash: that of its Unix socket. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionParts extends Address {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The form that node-postgres and libpq both read; a socket folder goes into the query (PostgreSQL manual, 32.1.1.2). */
export function connectionUrl({ host, port, user, password, database }: ConnectionParts): string {
  const socket = host.startsWith('/');
  const [userPart, passwordPart, databasePart] = [user, password, database].map(encodeURIComponent);
  const url = `postgresql://${userPart}:${passwordPart}@${socket ? 'localhost' : host}:${port}/${databasePart}`;
  return socket ? `${url}?host=${encodeURIComponent(host)}` : url;
}
