import { URLSearchParams } from 'node:url';
import { Failure } from '../lib/failure.mjs';

/** A browser as far as forms need one: keeps the cookie, follows redirects, sends back the hidden fields of a form. */
export class Browser {
  #cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  /** A page, after any redirects. */
  async open(path) {
    for (let hops = 0; hops < 5; hops += 1) {
      const answer = await this.#fetch(path, {});
      const location = answer.headers.get('location');
      if (location === null) return { status: answer.status, path, html: await answer.text() };
      path = this.#local(location);
    }
    throw new Failure(`${path} redirects without end`);
  }

  /** Fills the form of a page in, sends it, and gives the page that follows. */
  async submit(page, action, fields) {
    const form = formOf(page.html, action);
    if (form === undefined) throw new Failure(`the page ${page.path} has no form for ${action}; it answered ${page.status}`);
    const hidden = [...form.matchAll(/<input\b[^>]*>/g)].map(([input]) => input).filter((input) => attribute(input, 'type') === 'hidden');
    const body = new URLSearchParams([...hidden.map((input) => [attribute(input, 'name'), attribute(input, 'value') ?? '']), ...Object.entries(fields)]);
    const answer = await this.#fetch(action, {
      method: 'POST',
      body: body.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: this.origin, 'sec-fetch-site': 'same-origin' },
    });
    const location = answer.headers.get('location');
    if (location !== null) return this.open(this.#local(location));
    return { status: answer.status, path: action, html: await answer.text() };
  }

  async #fetch(path, { headers, ...rest }) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const answer = await fetch(this.origin + path, { ...rest, redirect: 'manual', headers: { ...headers, ...(cookie && { cookie }) } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';', 1);
      const equals = pair.indexOf('=');
      if (/max-age=0/i.test(line)) this.#cookies.delete(pair.slice(0, equals));
      else this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return answer;
  }

  #local(location) {
    const { origin, pathname, search } = new URL(location, this.origin);
    if (origin !== this.origin) throw new Failure(`the page leads away, to ${location}`);
    return pathname + search;
  }
}

const formOf = (html, action) => [...html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map(([form]) => form).find((form) => attribute(form, 'action') === action);

function attribute(tag, name) {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
