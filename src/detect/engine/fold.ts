const NON_ASCII = /[\u0080-\uffff]/;

/**
 * The case-folded form in which Sigma strings are compared. It maps character by character, so that a part of a text
 * stays a part of the folded text: the final sigma, which `toLowerCase` chooses by context, is made an ordinary one.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return NON_ASCII.test(lower) ? lower.replaceAll('ς', 'σ').replaceAll('ſ', 's') : lower;
}
