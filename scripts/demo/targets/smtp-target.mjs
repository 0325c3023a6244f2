import { SMTPServer } from 'smtp-server';
import { listen } from './listen.mjs';

/**
 * A real mail server (smtp-server) that keeps what it gets.
 *
 * @param options.behaviour what it does with a message: `accept`, `refuse` (550), `defer` (451), or `cut`, ends the connection
 *   after it has read the message and before it answers
 * @param options.login user and password that have to be given, over STARTTLS; `tls` is then needed
 */
export async function startSmtpTarget({ port = 0, behaviour = 'accept', login, tls } = {}) {
  const state = { behaviour };
  const messages = [];
  const reply = (code, text) => Object.assign(new Error(text), { responseCode: code });
  const server = new SMTPServer({
    logger: false,
    disabledCommands: login ? [] : ['AUTH', ...(tls ? [] : ['STARTTLS'])],
    authOptional: !login,
    ...(tls ?? {}),
    onAuth: ({ username, password }, _, done) => (username === login?.user && password === login?.password ? done(null, { user: username }) : done(reply(535, 'authentication failed'))),
    onRcptTo: ({ address }, _, done) => (address.startsWith('nobody@') ? done(reply(550, 'no such mailbox')) : done()),
    onData: (stream, session, done) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        if (state.behaviour === 'refuse') return done(reply(550, 'not wanted'));
        if (state.behaviour === 'defer') return done(reply(451, 'try again later'));
        const { mailFrom, rcptTo } = session.envelope;
        messages.push({ from: mailFrom.address, to: rcptTo.map(({ address }) => address), raw: Buffer.concat(chunks).toString('utf8') });
        if (state.behaviour === 'cut') return cut();
        return done();
      });
    },
  });
  server.on('error', () => undefined);
  const { port: taken, close } = await listen(server.server, port);
  /** Without the last words that a closing server says. */
  const cut = () => {
    for (const connection of server.connections) connection._socket.destroy();
  };
  return { host: '127.0.0.1', port: taken, state, messages, close };
}
