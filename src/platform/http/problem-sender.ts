import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Telemetry } from '../telemetry/index.js';
import { httpLogEvents } from './http.log-events.js';
import { problemReply, type ProblemReply } from './problem.js';

/** Answers failed requests with their RFC 9457 document; what is our own fault is logged with its cause. */
export class ProblemSender {
  readonly #log;

  constructor(telemetry: Telemetry) {
    this.#log = telemetry.log(httpLogEvents);
  }

  send(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { status, headers, body } = this.explain(error, request);
    // As bytes: to text Fastify adds a charset, which this media type does not have (RFC 9457 §6.1).
    void reply.status(status).headers(headers).send(Buffer.from(JSON.stringify(body)));
  }

  /** What is to be answered, for who answers in another form. */
  explain(error: unknown, request: FastifyRequest): ProblemReply {
    const problem = problemReply(error, request.id);
    if (problem.unexpected) this.#log('http.request_failed', { error, code: problem.body.code, requestId: request.id, route: request.routeOptions.url });
    return problem;
  }
}
