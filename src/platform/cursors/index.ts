export { Cursors, type ReadTable } from './cursors.js';
