import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { parseDeadLetterQuery, parseDiscard, parseRetry, toDeadLetterPage, toSinkResponse } from './forward.schema.js';
import { ForwardService, type RetryReport } from './forward.service.js';

const actorOf = (request: FastifyRequest): string => request.principal?.actor ?? 'unknown';

@Controller('v1/forward')
export class ForwardController {
  constructor(private readonly service: ForwardService) {}

  /** Each sink with how far it is behind and how many documents it will not take. */
  @Get()
  @RouteConfig({ access: { permission: 'forward.read' } })
  async status(): Promise<object> {
    return { sinks: (await this.service.status()).map(toSinkResponse) };
  }

  /** Documents that were left out: `limit`, and `after` with the `next` of the page before. Holds personal data as events do. */
  @Get(':sink/dead-letters')
  @RouteConfig({ access: { permission: 'forward.manage' } })
  async deadLetters(@Param('sink') sink: string, @Query() query: unknown): Promise<object> {
    const { after, limit } = parseDeadLetterQuery(query);
    return toDeadLetterPage(await this.service.listDeadLetters(sink, after, limit), limit);
  }

  /** `{limit?}`: sends the first ones again. */
  @Post(':sink/dead-letters/retry')
  @HttpCode(200)
  @RouteConfig({ access: { permission: 'forward.manage' } })
  retry(@Param('sink') sink: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<RetryReport> {
    return this.service.retry(sink, parseRetry(body).limit, actorOf(request));
  }

  /** `{ids}` */
  @Post(':sink/dead-letters/discard')
  @HttpCode(204)
  @RouteConfig({ access: { permission: 'forward.manage' } })
  discard(@Param('sink') sink: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<void> {
    return this.service.discard(sink, parseDiscard(body).ids, actorOf(request));
  }

  /** A sink that is no longer configured stops holding back retention. */
  @Post(':sink/forget')
  @HttpCode(204)
  @RouteConfig({ access: { permission: 'forward.manage' } })
  forget(@Param('sink') sink: string, @Req() request: FastifyRequest): Promise<void> {
    return this.service.forget(sink, actorOf(request));
  }
}
