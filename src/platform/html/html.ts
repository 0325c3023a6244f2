/** Markup that may be sent as it is. Only {@link html} makes it. */
export class Html {
  constructor(readonly text: string) {}
}

export type HtmlPart = Html | string | number | readonly HtmlPart[] | null | undefined | false;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Text for any place between tags or inside a quoted attribute. Characters that nobody sees but that change how the rest
 * reads (controls, direction marks) are shown as their code point: a name must not be able to rewrite the sentence it is in.
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
    .replace(/[^\P{C}\n\r\t]/gu, (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`);
}

/** Template tag: what is put in is escaped unless it is markup itself; a list is joined; null, undefined and false leave nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((text, fixed, index) => text + fixed + (index < parts.length ? render(parts[index]) : ''), ''));
}

function render(part: HtmlPart): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escapeHtml(part);
  return typeof part === 'number' ? String(part) : part.map(render).join('');
}
