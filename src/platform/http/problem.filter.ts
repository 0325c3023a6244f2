import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemSender } from './problem-sender.js';
import { refuseUnmatched, type RouteTable } from './route-table.js';

/** Global Nest filter: every error of every controller, and every unmatched address, leaves as RFC 9457. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly problems: ProblemSender,
    private readonly routes: RouteTable,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    this.problems.send(request.is404 ? refuseUnmatched(this.routes, request, reply) : error, request, reply);
  }
}
