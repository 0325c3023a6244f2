import { ExpressionFailure } from '../expression.js';

/** A piece of a text: plain, or the inside of `${ … }` with the offset at which it begins. */
export type TemplatePart = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'expression'; readonly source: string; readonly offset: number };

/**
 * Splits a text at its expressions. `$${` stands for `${`. The closing brace is the one that the tokens of CEL leave open:
 * braces in strings and comments, and those of maps, do not count.
 * @throws ExpressionFailure for a `${` that is never closed
 */
export function scanTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('${', at);
    if (next < 0) break;
    if (next > at && text[next - 1] === '$') {
      plain += `${text.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    plain += text.slice(at, next);
    const start = next + 2;
    const end = closingBrace(text, start);
    if (end === undefined) throw new ExpressionFailure(text.slice(start, start + 200), 'the expression is not closed: its } is missing');
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    parts.push({ kind: 'expression', source: text.slice(start, end), offset: start });
    at = end + 1;
  }
  plain += text.slice(at);
  if (plain !== '' || parts.length === 0) parts.push({ kind: 'text', text: plain });
  return parts;
}

function closingBrace(text: string, start: number): number | undefined {
  let open = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (character === '/' && text[at + 1] === '/') {
      const line = text.indexOf('\n', at);
      if (line < 0) return undefined;
      at = line;
    } else if (character === '{') open++;
    else if (character === '}' && open-- === 0) return at;
  }
  return undefined;
}

/** The offset behind a string literal of CEL, which may be triple-quoted. A backslash takes the next character with it, in raw strings too. */
function endOfString(text: string, start: number): number | undefined {
  const quote = text.charAt(start);
  const triple = text.startsWith(quote.repeat(3), start);
  const delimiter = triple ? quote.repeat(3) : quote;
  for (let at = start + delimiter.length; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (!triple && (text[at] === '\n' || text[at] === '\r')) return undefined;
    else if (text.startsWith(delimiter, at)) return at + delimiter.length;
  }
  return undefined;
}
