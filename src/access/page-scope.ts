import type { FastifyInstance, FastifyRequest } from 'fastify';
import { html, sendPage, type Html, type ProblemReply, type ProblemSender } from '../platform/index.js';
import { accessErrors } from './access.errors.js';
import { loginForm, returnTo } from './login-form.js';

/** Largest form. */
const BODY_LIMIT = 32 * 1024;

export interface PageScopeParts {
  readonly problems: ProblemSender;
  /** Origin by which people reach the pages, where the configuration states one. */
  readonly publicUrl: string | undefined;
}

/**
 * Registers pages: forms are read, every refusal is a page, a caller without a session gets the form to sign in where they
 * are, and a form that another site sent is refused.
 */
export function registerPageScope(server: FastifyInstance, { problems, publicUrl }: PageScopeParts, routes: (scope: FastifyInstance) => void): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    scope.addHook('onRequest', async (request) => {
      if (request.method === 'POST' && !isOwnForm(request, publicUrl)) throw accessErrors.create('access.foreign_form');
    });
    scope.setErrorHandler((error, request, reply) => {
      const problem = problems.explain(error, request);
      void reply.headers({ ...problem.headers });
      const isLogin = problem.body.code === 'access.no_session';
      const main = isLogin ? loginForm({ next: returnTo(request.url), reason: 'Sign in to see this page.' }) : refusal(problem);
      return sendPage(reply, problem.status, { title: isLogin ? 'Sign in' : problem.body.title, main });
    });
    routes(scope);
  });
}

/**
 * Whether a form comes from a page of ours (Fetch metadata, and `Origin` where a browser sends none). Clients that are no
 * browser send neither: they carry nobody's cookie but their own.
 */
function isOwnForm({ headers }: FastifyRequest, publicUrl: string | undefined): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const sent = new URL(origin);
  return sent.host === host || (publicUrl !== undefined && sent.origin === new URL(publicUrl).origin);
}

function refusal({ body: { title, detail, remedy, code, instance } }: ProblemReply): Html {
  return html`<h1>${title}</h1>
<div class="notice bad" role="alert">
${detail === undefined ? null : html`<p>${detail}</p>`}
<p>${remedy}</p>
</div>
<p><a href="/approvals">All approvals</a></p>
<p class="soft">${code}, ${instance}</p>`;
}
