export { mermaidOf } from './mermaid.js';
export { withReadmePart } from './readme-part.js';
export { statesTable } from './states-table.js';
