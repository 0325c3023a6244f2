import { Controller, Get, Header, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { Telemetry } from '../telemetry/index.js';
import { Readiness } from './readiness.js';

const OK = 200;
const UNAVAILABLE = 503;

@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly telemetry: Telemetry,
  ) {}

  /** Liveness: the process answers. It asks nobody, so that a slow database does not get the process killed. */
  @Get('healthz')
  @RouteConfig({ access: { public: 'liveness probe' } })
  live(): { status: string } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @RouteConfig({ access: { public: 'readiness probe' } })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; components: Record<string, string> }> {
    const { ready, components } = await this.readiness.state();
    void reply.status(ready ? OK : UNAVAILABLE);
    return { status: ready ? 'ready' : 'not ready', components: Object.fromEntries(components.map(({ name, ready: works }) => [name, works ? 'ready' : 'not ready'])) };
  }

  /** Prometheus text format 0.0.4. */
  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @RouteConfig({ access: { permission: 'metrics.read' } })
  metrics(): Promise<string> {
    return this.telemetry.registry.metrics();
  }
}
