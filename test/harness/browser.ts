/** A browser as far as forms need one: keeps the cookie, follows what a form or a redirect says, sends the origin of the page. */
export class Browser {
  cookie: string | undefined;

  constructor(private readonly origin: string) {}

  async open(path: string): Promise<{ status: number; text: string; headers: Headers }> {
    const answer = await fetch(this.origin + path, { redirect: 'manual', headers: this.#headers() });
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  }

  /** Sends a form and gives the answer, a redirect not followed. */
  async submit(path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = { origin: this.origin, 'sec-fetch-site': 'same-origin' }) {
    const answer = await fetch(this.origin + path, {
      method: 'POST', redirect: 'manual', body: new URLSearchParams(fields).toString(),
      headers: { ...this.#headers(), 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) this.cookie = /Max-Age=0/.test(set) ? undefined : set.split(';', 1)[0];
    return { status: answer.status, text: await answer.text(), headers: answer.headers, location: answer.headers.get('location') };
  }

  /** Value of a hidden field of a page. */
  static field(page: string, name: string): string {
    return new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';
  }

  #headers(): Record<string, string> {
    return this.cookie === undefined ? {} : { cookie: this.cookie };
  }
}
