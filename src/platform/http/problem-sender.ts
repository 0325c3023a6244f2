import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from '../telemetry/index.js';
import { httpLogEvents } from './http.log-events.js';
import { problemReply } from './problem.js';

/** Answers failed requests with their RFC 9457 document; what is our own fault is logged with its cause. */
export class ProblemSender {
  readonly #log;

  constructor(telemetry: Telemetry) {
    this.#log = telemetry.log(httpLogEvents);
  }

  send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body, unexpected } = problemReply(error, request.id);
    if (unexpected) this.#log('http.request_failed', { error, code: body.code, requestId: request.id, route: request.routeOptions.url });
    // As bytes: to text Fastify adds a charset, which this media type does not have (RFC 9457 §6.1).
    void reply.status(status).headers(headers).send(Buffer.from(JSON.stringify(body)));
  }
}
