import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteTable } from './route-table.js';
import { sendProblem } from './send-problem.js';

/** Global Nest filter: every error of every controller, and every unmatched address, leaves as RFC 9457. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly routes: RouteTable) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    if (request.is404) this.routes.refuseUnmatched(request, reply);
    else sendProblem(error, request, reply);
  }
}
