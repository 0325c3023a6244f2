import type { FastifyReply } from 'fastify';
import { html, type Html } from './html.js';
import { PAGE_STYLE_URL } from './page-style.js';

/**
 * Headers of a page in place of those of the API: our own style, forms to ourselves, no script at all, in no frame. The
 * referrer stays within us, since without one a browser sends `Origin: null` and a form from here looks like one from anywhere.
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
};

export interface Page {
  readonly title: string;
  /** Right end of the bar: who is signed in, how to leave. */
  readonly who?: Html;
  readonly main: Html;
}

export function renderPage({ title, who, main }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Cordon</title>
<link rel="stylesheet" href="${PAGE_STYLE_URL}">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><div><a class="name" href="/approvals">Cordon</a>${who}</div></header>
<main id="main">
${main}
</main>
</body>
</html>
`;
  return page.text;
}

export function sendPage(reply: FastifyReply, status: number, page: Page): FastifyReply {
  return reply.status(status).headers(PAGE_HEADERS).send(renderPage(page));
}
