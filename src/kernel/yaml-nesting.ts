/**
 * An upper bound of the nesting of YAML, taken before parsing: YAML libraries recurse, and hostile nesting would end the
 * process, not just the call. It counts open brackets of a document and what opens block nodes at the start of a line.
 */
export function yamlNesting(source: string): number {
  let deepest = 0;
  let brackets = 0;
  for (const line of source.split('\n')) {
    if (line.startsWith('---')) brackets = 0;
    deepest = Math.max(deepest, /^(?:[ \t]|[-?:](?=[ \t\r]|$)|[&!][^ \t]*)*/.exec(line)?.[0].length ?? 0);
    for (const character of line) {
      if (character === '[' || character === '{') deepest = Math.max(deepest, ++brackets);
      else if ((character === ']' || character === '}') && brackets > 0) brackets--;
    }
  }
  return deepest;
}
