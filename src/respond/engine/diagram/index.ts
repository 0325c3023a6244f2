export { mermaidOf } from './mermaid.js';
export { statesTable } from './states-table.js';
