import { readFileSync } from 'node:fs';
import axios, { isAxiosError } from 'axios';
import { CordonError, type ErrorDefinition } from '../kernel/index.js';
import { cliErrors } from './cli.errors.js';
import { readConfig } from './read-config.js';
import { isLoopback, serverAddress } from './server-address.js';

export interface ApiOptions {
  readonly keyFile: string;
  /** Default: server.host and server.port of the configuration. */
  readonly url?: string;
  readonly config?: string;
}

const TIMEOUT_MS = 30_000;

type Problem = Partial<{ code: string; title: string; detail: string; remedy: string; status: number }>;

/** Calls of the running server with an API key. A refusal is thrown as the server's own error. */
export class ApiClient {
  readonly #url: string;
  readonly #key: string;

  /** @throws CordonError `cli.key_unreadable`, `config.*` */
  constructor({ keyFile, url, config }: ApiOptions) {
    this.#url = url ?? serverAddress(readConfig(config).server);
    try {
      this.#key = readFileSync(keyFile, 'utf8').trim();
    } catch (cause) {
      throw cliErrors.create('cli.key_unreadable', { detail: keyFile, cause });
    }
  }

  /** @throws CordonError `cli.server_unreachable`, or what the server answered */
  async call<T>(method: 'GET' | 'POST', path: string, data?: object): Promise<T> {
    const url = new URL(path, this.#url).href;
    try {
      const answer = await axios.request<T & Problem>({
        method, url, data, headers: { authorization: `Bearer ${this.#key}` }, timeout: TIMEOUT_MS, maxRedirects: 0, validateStatus: () => true,
        ...(isLoopback(url) && { proxy: false as const }),
      });
      if (answer.status < 300) return answer.data;
      throw refusalOf(answer.data, answer.status);
    } catch (cause) {
      if (isAxiosError(cause)) throw cliErrors.create('cli.server_unreachable', { detail: `${url}: ${cause.message}`, cause });
      throw cause;
    }
  }
}

function refusalOf({ code = 'http.internal', title = 'The server refused', remedy = 'Look at the log of the server.', detail }: Problem, status: number): CordonError {
  const definition: ErrorDefinition = { status, title, remedy };
  return new CordonError(code, definition, detail === undefined ? {} : { detail });
}
