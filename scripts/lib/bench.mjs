import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, reportFailure } from './failure.mjs';
import { root } from './paths.mjs';
import { prepare } from './prepare.mjs';

const benches = join(root, 'bench');

/**
 * A bench is `bench/<name>.mjs` with a default export `run(args)` that gives its result as JSON data. It sets
 * `process.exitCode` 3 and gives nothing when the data it needs is not on this machine.
 */
export async function bench([name, ...args]) {
  try {
    const names = readdirSync(benches).filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -'.mjs'.length));
    if (!names.includes(name)) {
      throw new Failure(name ? `there is no bench '${name}'` : 'which bench?', { remedy: `npm run bench -- ${names.join('|')}`, exitCode: 2 });
    }
    await prepare();
    const { default: run } = await import(pathToFileURL(join(benches, `${name}.mjs`)).href);
    const result = await run(args);
    if (result === undefined) return;
    const json = `${JSON.stringify(result, undefined, 2)}\n`;
    const results = join(benches, 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, `${name}-${new Date().toISOString().replaceAll(':', '')}.json`), json);
    process.stdout.write(json);
  } catch (error) {
    reportFailure(error);
  }
}
