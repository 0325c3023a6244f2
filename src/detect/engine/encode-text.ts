import type { Encoding } from './modifier-chain.js';

/** Text that is being encoded: its bytes, and its text as long as it has one. */
interface Encoded {
  readonly text?: string;
  readonly bytes: Buffer;
}

/**
 * Applies encodings in order and gives the texts to look for: several for `base64offset`, which has one for each of the
 * three places a value can have in a base64 text. Undefined where a value is too short to leave anything certain, or
 * bytes stand where an encoding of UTF-16 needs text.
 */
export function encodeText(text: string, encodings: readonly Encoding[]): readonly string[] | undefined {
  let states: Encoded[] = [{ text, bytes: Buffer.from(text, 'utf8') }];
  for (const encoding of encodings) {
    if (encoding === 'windash') continue;
    const next = states.flatMap((state) => step(state, encoding) ?? []);
    if (next.length < states.length) return undefined;
    states = next;
  }
  const texts = states.map((state) => state.text ?? state.bytes.toString('latin1'));
  return texts.includes('') && text !== '' ? undefined : texts;
}

function step(state: Encoded, encoding: Exclude<Encoding, 'windash'>): Encoded[] | undefined {
  switch (encoding) {
    case 'base64': return [ofText(state.bytes.toString('base64'))];
    case 'base64offset': return base64Offsets(state.bytes).map(ofText);
    case 'utf16le': return state.text === undefined ? undefined : [{ bytes: Buffer.from(state.text, 'utf16le') }];
    case 'utf16be': return state.text === undefined ? undefined : [{ bytes: Buffer.from(state.text, 'utf16le').swap16() }];
    case 'utf16': return state.text === undefined ? undefined : [{ bytes: Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(state.text, 'utf16le')]) }];
  }
}

function ofText(text: string): Encoded {
  return { text, bytes: Buffer.from(text, 'latin1') };
}

/**
 * The part of the base64 text that does not depend on the bytes around the value, for 0, 1 and 2 bytes in front of it.
 * Counted in bytes: a value outside ASCII has more of them than characters.
 */
function base64Offsets(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const start = [0, 2, 3][offset] ?? 0;
    const end = [0, 3, 2][(bytes.length + offset) % 3] ?? 0;
    return encoded.slice(start, encoded.length - end);
  });
}
