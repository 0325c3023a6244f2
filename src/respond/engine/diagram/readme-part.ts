import type { PlaybookSource } from '../playbook-source.js';
import { mermaidOf } from './mermaid.js';
import { statesTable } from './states-table.js';

/** What comes before the part of a README that is made from the playbook; the text above it is its author's. */
export const README_MARK = '<!-- From here on made by `npm run docs` out of playbook.yaml. -->';

/** The README of a playbook with its generated part renewed. */
export function withReadmePart(readme: string, source: PlaybookSource): string {
  const [written = ''] = readme.split(README_MARK);
  return `${written.trimEnd()}\n\n${README_MARK}\n\n## States\n\n\`\`\`mermaid\n${mermaidOf(source)}\`\`\`\n\n${statesTable(source)}`;
}
