import { parseArgs } from 'node:util';
import { Failure } from '../lib/failure.mjs';

export const USAGE = `npm run demo [-- OPTIONS]

  --keep            leave everything running at the end, to look around; Ctrl-C stops it
  --pace [SECONDS]  pause after each part of the story (3 seconds where none are named)
  --help            this
`;

const DEFAULT_PACE = '3';
const LONGEST_PACE = 600;

/** @throws {Failure} with exit code 2 for what is not an option */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args: args.flatMap((arg, index) => (arg === '--pace' && !/^\d/.test(args[index + 1] ?? '') ? [`--pace=${DEFAULT_PACE}`] : [arg])),
      options: { keep: { type: 'boolean', default: false }, pace: { type: 'string', default: '0' }, help: { type: 'boolean', default: false } },
    });
    const pace = Number(values.pace);
    if (!(pace >= 0 && pace <= LONGEST_PACE)) throw new TypeError(`--pace takes seconds, at most ${LONGEST_PACE}`);
    return { keep: values.keep, help: values.help, paceMs: pace * 1000 };
  } catch (error) {
    throw new Failure(error.message, { remedy: 'npm run demo -- --help lists the options', exitCode: 2, cause: error });
  }
}
