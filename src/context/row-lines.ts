const QUOTE = '"';

/**
 * The lines, from 1, on which the items of the arrays directly below the top-level object start, by member. The text must
 * be valid JSON.
 */
export function rowLines(text: string): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  let line = 1;
  let depth = 0;
  let member = '';
  let items: number[] | undefined;
  let expectsItem = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\n') line += 1;
    if (character <= ' ') continue;
    if (expectsItem && character !== ']') items?.push(line);
    expectsItem = false;
    if (character === QUOTE) {
      const end = stringEnd(text, at);
      if (depth === 1) member = String(JSON.parse(text.slice(at, end)));
      at = end - 1;
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth === 2 && character === '[') {
        items = [];
        // As with JSON.parse, the last of several members of one name counts.
        found.set(member, items);
        expectsItem = true;
      }
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 1) items = undefined;
    } else if (character === ',' && depth === 2) expectsItem = items !== undefined;
  }
  return found;
}

/** Index behind the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== QUOTE) at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}
