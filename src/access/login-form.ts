import { html, type Html } from '../platform/index.js';

const HOME = '/approvals';
/** Pages to which a sign-in may return. Nothing else is ever sent as `Location`. */
const PAGES = /^\/approvals(?:\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$/;

/** Where to go after signing in: the page asked for where it is one of ours, else the list. */
export function returnTo(asked: unknown): string {
  const path = typeof asked === 'string' ? asked.split('?', 1)[0] ?? '' : '';
  return PAGES.test(path) ? path : HOME;
}

/** @param next as {@link returnTo} gives it */
export function loginForm({ next, reason, failed }: { next: string; reason?: string; failed?: string }): Html {
  return html`<h1>Sign in</h1>
${reason === undefined ? null : html`<p>${reason}</p>`}
${failed === undefined ? null : html`<div class="notice bad" role="alert" id="failed"><p>${failed}</p></div>`}
<form class="card" method="post" action="/login" autocomplete="off">
<input type="hidden" name="next" value="${next}">
<label for="key">Your API key</label>
<input type="password" id="key" name="key" required autocomplete="off" spellcheck="false" aria-describedby="hint${failed === undefined ? '' : ' failed'}">
<p class="soft" id="hint">It starts with <code>cordon_</code>. You stay signed in for 15 minutes in this browser; the key itself is not kept.</p>
<div class="buttons"><button class="approve" type="submit">Sign in</button></div>
</form>
<p class="soft">Came from a mail and signed in already? <a href="${next}">Go on to the page</a>.</p>`;
}
