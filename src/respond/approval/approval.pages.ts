import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formToken, registerPageScope, sessionToken, type PageScopeParts, type WebSessions } from '../../access/index.js';
import { isCordonError, type CordonError, type Principal } from '../../kernel/index.js';
import { sendPage, type Database } from '../../platform/index.js';
import type { ApprovalReader } from './approval-reader.js';
import { parseApprovalQuery, parseDecision } from './approval.schema.js';
import type { ApprovalService } from './approval.service.js';
import { approvalView, listView, signedIn, type ApprovalPage } from './approval-view.js';
import type { EvidenceReader } from './evidence.js';

export interface ApprovalPagesParts extends PageScopeParts {
  readonly database: Database;
  readonly reader: ApprovalReader;
  readonly service: ApprovalService;
  readonly evidence: EvidenceReader;
  readonly sessions: WebSessions;
}

interface PageRoute {
  Params: { id: string };
  Body: { token?: string; decision?: string; reason?: string } | undefined;
}

const LIST_LIMIT = 100;
/** Refusals of a vote after which the form is shown again; any other one is a page of its own. */
const AGAIN = ['approval.request_invalid', 'access.form_used'];

const purposeOf = (id: string): string => `approval:${id}`;

/** The pages on which people decide. They work without a script, and each form once. */
export function registerApprovalPages(server: FastifyInstance, parts: ApprovalPagesParts): void {
  const { database, reader, service, evidence, sessions } = parts;

  const show = async (request: FastifyRequest<PageRoute>, reply: FastifyReply, failure?: { status: number } & Required<Pick<ApprovalPage, 'failed'>>): Promise<FastifyReply> => {
    const principal = callerOf(request);
    const viewed = await reader.read(principal, request.params.id);
    const token = formToken(sessionToken(request.headers.cookie, sessions.secure) ?? '', purposeOf(viewed.approval.id));
    const page = { viewed, token, evidence: await evidence.of(viewed.approval, principal), now: await database.now(), ...(failure && { failed: failure.failed }) };
    return sendPage(reply, failure?.status ?? 200, { title: 'Approval', who: signedIn(principal), main: approvalView(page) });
  };

  registerPageScope(server, parts, (scope) => {
    scope.get('/approvals', { config: { access: { permission: 'approvals.read', by: 'session' } } }, async (request, reply) => {
      const principal = callerOf(request);
      const { approvals, next } = await reader.list(principal, parseApprovalQuery({ limit: LIST_LIMIT }));
      return sendPage(reply, 200, { title: 'Open approvals', who: signedIn(principal), main: listView(approvals, await database.now(), next !== undefined) });
    });

    scope.get<PageRoute>('/approvals/:id', { config: { access: { permission: 'approvals.read', by: 'session' } } }, (request, reply) => show(request, reply));

    scope.post<PageRoute>('/approvals/:id', { config: { access: { permission: 'approvals.decide', by: 'session' } } }, async (request, reply) => {
      const { id } = request.params;
      const { token, decision, reason } = request.body ?? {};
      try {
        const vote = parseDecision({ decision, reason });
        await service.vote(id, callerOf(request), vote, (tx) => sessions.useForm(tx, request.headers.cookie, purposeOf(id), token ?? ''));
      } catch (error) {
        if (!isCordonError(error) || !AGAIN.includes(error.code)) throw error;
        return show(request, reply, { status: error.definition.status, failed: { message: sentenceOf(error), reason: reason ?? '' } });
      }
      // The page that follows a vote is fetched anew, so that loading it again votes no second time.
      return reply.redirect(`/approvals/${encodeURIComponent(id)}`, 303);
    });
  });
}

const sentenceOf = ({ definition, details }: CordonError): string => `${definition.title}${details.detail === undefined ? '' : ` (${details.detail})`}. ${definition.remedy}`;

/** Set by the HTTP shell before any handler of a route with a permission runs. */
function callerOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new TypeError('a route with a permission was reached without a principal');
  return principal;
}
