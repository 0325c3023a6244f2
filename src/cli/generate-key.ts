import { generateApiKey } from '../access/index.js';
import { writeOnce } from '../config/index.js';
import { cliErrors } from './cli.errors.js';
import type { GenerateKeyOptions } from './keys.command.js';

/** `cordon keys generate`: a key that no database knows yet. @throws CordonError `cli.file_exists` */
export function generateKey({ out }: GenerateKeyOptions): void {
  const { id, text } = generateApiKey();
  if (out === undefined) {
    process.stdout.write(`${text}\n`);
    return;
  }
  if (!writeOnce(out, `${text}\n`, 0o600)) throw cliErrors.create('cli.file_exists', { detail: out });
  process.stdout.write(`key ${id} written to ${out}\n`);
}
