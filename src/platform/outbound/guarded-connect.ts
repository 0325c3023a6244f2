import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ActionFailure } from '../../kernel/index.js';
import type { AddressGuard } from './address-guard.js';
import { Deadline } from './deadline.js';
import { outboundFailure } from './outbound-failure.js';

/** Addresses of a name, in the order in which they are to be tried. */
export type Resolver = (host: string) => Promise<readonly string[]>;

export const systemResolver: Resolver = async (host) => (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  readonly signal?: AbortSignal;
}

export interface ConnectOptions {
  readonly guard: AddressGuard;
  readonly resolve: Resolver;
  /** For name, connection and TLS together. */
  readonly timeoutMs: number;
  readonly ca?: readonly string[];
}

/**
 * A connected socket to an address that may be called. The name is asked once; the connection goes to exactly the addresses
 * that were judged, so that a second answer of the name service (DNS rebinding) has no effect.
 * @throws ActionFailure `notSent`
 */
export async function guardedConnect({ host: given, port, tls = false, signal }: ConnectTarget, options: ConnectOptions): Promise<Socket> {
  const host = given.replace(/^\[(.*)\]$/, '$1');
  const place = `${given}:${port}`;
  const deadline = new Deadline(options.timeoutMs, signal);
  const ended: Ended = {
    signal: deadline.signal,
    failure: () =>
      deadline.reason === 'given_up'
        ? outboundFailure('outbound.given_up', place, { notSent: true })
        : outboundFailure('outbound.connect_timeout', `${place} within ${options.timeoutMs} ms`),
  };
  try {
    const addresses = await unlessEnded(addressesOf(host, place, options.resolve), ended);
    for (const address of addresses) {
      const refusal = options.guard.refuses(address, { host, port });
      if (refusal !== undefined) throw outboundFailure('outbound.address_refused', host === address ? `${place}: ${refusal}` : `${place} is ${address}: ${refusal}`);
    }
    return await open({ host, port, tls, lookup: pinned(addresses), ca: options.ca }, place, ended);
  } finally {
    deadline.end();
  }
}

interface Ended {
  readonly signal: AbortSignal;
  failure(): ActionFailure;
}

async function addressesOf(host: string, place: string, resolve: Resolver): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  let addresses: readonly string[];
  try {
    addresses = await resolve(host);
  } catch (error) {
    throw outboundFailure('outbound.name_unknown', `${place} (${systemCode(error)})`);
  }
  if (addresses.length === 0) throw outboundFailure('outbound.name_unknown', `${place} (no address)`);
  return addresses;
}

/** Answers with the judged addresses whatever is asked. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = all;
    if (options.all || !first) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

interface OpenTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly lookup: LookupFunction;
  readonly ca: readonly string[] | undefined;
}

function open({ host, port, tls, lookup: pin, ca }: OpenTarget, place: string, ended: Ended): Promise<Socket> {
  const target = { host, port, lookup: pin, autoSelectFamily: true };
  const socket = tls
    ? connectTls({ ...target, ...(isIP(host) === 0 ? { servername: host } : {}), ...(ca ? { ca: [...ca] } : {}), ALPNProtocols: ['http/1.1'] })
    : connectTcp(target);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      ended.signal.removeEventListener('abort', onEnd);
      socket.off('error', onError);
      act();
    };
    const fail = (failure: ActionFailure) =>
      settle(() => {
        // Some sockets fail once more while they are torn down.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(failure);
      });
    const onEnd = () => fail(ended.failure());
    const onError = (error: Error) => fail(connectFailure(error, place, tls));
    ended.signal.addEventListener('abort', onEnd, { once: true });
    socket.once('error', onError);
    socket.once(tls ? 'secureConnect' : 'connect', () => settle(() => resolve(socket.setNoDelay(true))));
  });
}

/** Codes of OpenSSL and Node that say that the peer's certificate, not the connection, is at fault. */
const CERTIFICATE = /^(?:CERT_|ERR_TLS_CERT|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_)/;

function connectFailure(error: Error, place: string, tls: boolean): ActionFailure {
  const code = systemCode(error);
  return tls && CERTIFICATE.test(code) ? outboundFailure('outbound.not_trusted', `${place} (${code})`) : outboundFailure('outbound.not_reachable', `${place} (${code})`);
}

/** Of an AggregateError (several addresses tried) that of the first. */
function systemCode(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown error';
}

function unlessEnded<T>(work: Promise<T>, ended: Ended): Promise<T> {
  const { signal } = ended;
  if (signal.aborted) return Promise.reject(ended.failure());
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(ended.failure());
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
