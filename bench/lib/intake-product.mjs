// The intake as the product serves it, without the workers behind the log: they have benches of their own.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuditModule } from '../../dist/src/audit/index.js';
import { loadConfig } from '../../dist/src/config/index.js';
import { IntakeModule } from '../../dist/src/intake/index.js';
import { installHttpShell, Platform, PlatformModule, ProblemFilter, ProblemSender, serverOptions, silentTelemetry } from '../../dist/src/platform/index.js';
import { answering } from './in-child.mjs';

class BenchModule {}

let running;

answering(async ({ start }) => {
  if (start) running = await open(start);
  return start ? { port: running.port, path: '/v1/intake/bench' } : { rss: process.memoryUsage().rss };
}, () => running?.close());

async function open({ urls, config, root }) {
  const telemetry = silentTelemetry();
  const platform = await Platform.open({ config: loadConfig({ root, file: config }), telemetry, database: urls });
  const adapter = new FastifyAdapter(serverOptions());
  const routes = installHttpShell(adapter.getInstance(), { authorise: () => Promise.reject(new Error('no route of the bench needs a key')) });
  const module = { module: BenchModule, imports: [PlatformModule.forRoot(platform), AuditModule, IntakeModule.forRoot(() => 'json')] };
  const nest = await NestFactory.create(module, adapter, { logger: false, abortOnError: false });
  nest.useGlobalFilters(new ProblemFilter(new ProblemSender(telemetry), routes));
  await platform.lifecycle.start();
  await nest.listen(0, '127.0.0.1');
  return {
    port: nest.getHttpServer().address().port,
    async close() {
      await nest.close();
      await platform.lifecycle.stop();
    },
  };
}
