import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml, html } from './html.js';

describe('html', () => {
  it('lets no text out of its place, be it between tags or in an attribute', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('<script>alert(1)</script>', '" onmouseover="x', "' x='", '</title>', '&lt;', '\u202Eexe.gpj', '\0')), (text) => {
        const { text: made } = html`<p title="${text}">${text}</p>`;
        const [, attribute = '', body = ''] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/s.exec(made) ?? [];
        expect([attribute, body]).toEqual([escapeHtml(text), escapeHtml(text)]);
        expect(made).not.toMatch(/[\u202A-\u202E\u2066-\u2069\0]/u);
      }),
    );
  });

  it('takes its own markup as it is, joins lists and leaves out nothing at all', () => {
    expect(html`<ul>${['a<', 'b'].map((item) => html`<li>${item}</li>`)}${null}${false}${undefined}${7}</ul>`.text).toBe('<ul><li>a&lt;</li><li>b</li>7</ul>');
  });

  it('shows what would be invisible', () => expect(escapeHtml('a\u202Eb\u200B')).toBe('a‹U+202E›b‹U+200B›'));
});
