import { Readable, type Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { ActionFailure, type Dialer } from '#sdk/index.js';
import SmtpConnection from 'nodemailer/lib/smtp-connection';
import type { EmailConfig } from '../config.js';

export interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface Delivered {
  readonly accepted: readonly string[];
  readonly rejected: readonly string[];
}

/** What nodemailer says of a failure: the reply of the server, where there is one. */
type SmtpError = Error & { readonly responseCode?: number; readonly code?: string };

/**
 * Gives one message to a mail server. A reply of the server is an answer: the message is not accepted. A connection that ends
 * after the message began leaves open whether it was (RFC 5321 §4.2.5), before that it was not.
 * @throws ActionFailure
 */
export async function deliver(message: Buffer, envelope: Envelope, { config, dialer, signal }: { readonly config: EmailConfig; readonly dialer: Dialer; readonly signal: AbortSignal }): Promise<Delivered> {
  const { host, port, security, user, password } = config;
  const socket = await dialer.connect({ host, port, tls: security === 'tls', signal });
  const connection = new SmtpConnection({
    connection: asSocket(socket),
    host,
    port,
    secure: security === 'tls',
    secured: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    logger: false,
    ...(dialer.ca ? { tls: { ca: [...dialer.ca] } } : {}),
  });
  const content = new Watched(message);
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const failed = new Promise<never>((_, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('the connection ended')));
    });
    failed.catch(() => undefined);
    const step = <T>(act: (done: (error?: Error | null, value?: T) => void) => void) =>
      Promise.race([failed, new Promise<T | undefined>((resolve, reject) => act((error, value) => (error ? reject(error) : resolve(value))))]);
    await step((done) => connection.connect(done));
    if (user !== undefined && password !== undefined) await step((done) => connection.login({ user, pass: password.reveal() }, done));
    const info = await step<{ accepted?: readonly string[]; rejected?: readonly string[] }>((done) => connection.send({ from: envelope.from, to: [...envelope.to] }, content, done));
    connection.quit();
    return { accepted: info?.accepted ?? [], rejected: info?.rejected ?? [] };
  } catch (error) {
    socket.destroy();
    throw explain(error as SmtpError, { host, begun: content.begun });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A message that knows whether its sending has begun. */
class Watched extends Readable {
  begun = false;

  constructor(private readonly content: Buffer) {
    super();
  }

  override _read(): void {
    this.begun = true;
    this.push(this.content);
    this.push(null);
  }
}

/** The dialer opens sockets; its port says no more than that they are streams. */
const asSocket = (stream: Duplex): Socket => stream as Socket;

function explain(error: SmtpError, { host, begun }: { readonly host: string; readonly begun: boolean }): ActionFailure {
  const { responseCode: reply, code } = error;
  if (reply !== undefined && reply >= 400) {
    return new ActionFailure(`mail server ${host} refused: ${error.message}`, { code: 'REFUSED_BY_TARGET', retryable: reply < 500, notSent: true });
  }
  if (begun) return new ActionFailure(`the connection to mail server ${host} ended while the message was on its way (${code ?? error.message})`, { code: 'UNKNOWN_OUTCOME', retryable: false });
  const hopeless = code === 'EAUTH' || code === 'ETLS' || code === 'EENVELOPE' || code === 'EMESSAGE';
  return new ActionFailure(`mail server ${host} did not take the message: ${error.message}`, { code: 'REFUSED_BY_TARGET', retryable: !hopeless, notSent: true });
}
