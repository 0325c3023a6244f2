// What a bare Fastify route costs that stores the body through the same group commit: no signature, no check, no keys.
import Fastify from 'fastify';
import { GroupCommitter } from '../../dist/src/intake/group-committer.js';
import { uuidv7 } from '../../dist/src/kernel/index.js';
import { Database, PostgresEventLog } from '../../dist/src/platform/index.js';
import { answering } from './in-child.mjs';

const NO_HASH = Buffer.alloc(32);

let running;

answering(async ({ start }) => {
  running = await open(start);
  return { port: running.port, path: '/records' };
}, () => running?.close());

async function open({ urls }) {
  const database = await Database.open({ url: urls.appUrl });
  const committer = new GroupCommitter(new PostgresEventLog(database), { maxRecords: 1000, maxBytes: 8 * 1024 * 1024 });
  const server = Fastify();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.post('/records', async (request, reply) => {
    const id = uuidv7();
    await committer.submit('bench', { records: [{ id, source: 'bench', stream: 'bench', delivery: id, itemIndex: 0, dedupeKey: null, bodyHash: NO_HASH, body: request.body, receivedAt: new Date() }] });
    return reply.status(202).send({ accepted: 1, duplicates: 0, rejected: [], ids: [id] });
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    port: server.server.address().port,
    async close() {
      await server.close();
      await database.close();
    },
  };
}
