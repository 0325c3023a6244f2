import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problemReply } from './problem.js';

/** Answers with the RFC 9457 document of `error`; what is our own fault is logged with its cause. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, headers, body, unexpected } = problemReply(error, request.id);
  if (unexpected) request.log.error({ error, code: body.code, requestId: request.id }, 'request failed');
  return reply.status(status).headers(headers).send(JSON.stringify(body));
}

/** Fastify error handler of a plugin scope that does not go through Nest. */
export function problemErrorHandler(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(error, request, reply);
}
