import path from 'node:path';

/** Types of the servers in scripts/demo/targets, which the demo runs too and which therefore are plain modules. */
export interface OidcTarget {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly adminToken: string;
  readonly state: { lies: boolean };
  logIn(account: string, options?: { format?: 'opaque' | 'jwt' }): Promise<{ accessToken: string; refreshToken: string }>;
  isActive(token: string): Promise<boolean>;
  refresh(refreshToken: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface ScimTarget {
  readonly url: string;
  readonly token: string;
  readonly state: { lies: boolean };
  user(userName: string): { readonly id: string; readonly userName: string; readonly active: boolean } | undefined;
  close(): Promise<void>;
}

export interface SmtpTarget {
  readonly host: string;
  readonly port: number;
  readonly state: { behaviour: 'accept' | 'refuse' | 'defer' | 'cut' };
  readonly messages: readonly { readonly from: string; readonly to: readonly string[]; readonly raw: string }[];
  close(): Promise<void>;
}

interface Targets {
  startOidcTarget(options?: { port?: number; lies?: boolean }): Promise<OidcTarget>;
  startScimTarget(options?: { port?: number; users?: readonly string[]; lies?: boolean }): Promise<ScimTarget>;
  startSmtpTarget(options?: { port?: number; behaviour?: SmtpTarget['state']['behaviour']; login?: { user: string; password: string }; tls?: object }): Promise<SmtpTarget>;
}

export const { startOidcTarget, startScimTarget, startSmtpTarget } = (await import(path.resolve('scripts/demo/targets/targets.mjs'))) as Targets;
