export { ANY, ANY_MAP, describeType, membersOf, unite, type CelType } from './cel-type.js';
export { CelFailure } from './cel-failure.js';
export { checkCel, type CelProblem, type TypesOf } from './check-cel.js';
export { compileExpression, ROOTS, type Root } from './compile-expression.js';
export { compileTemplate } from './compile-template.js';
export { parseCel } from './parse-cel.js';
export { scanTemplate, type TemplatePart } from './scan-template.js';
