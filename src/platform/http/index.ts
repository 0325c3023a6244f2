export { httpErrors } from './http.errors.js';
export { DEFAULT_BODY_LIMIT, installHttpShell, serverOptions } from './http-shell.js';
export { PROBLEM_TYPE, problemReply, type Problem } from './problem.js';
export { ProblemFilter } from './problem.filter.js';
export { PUBLIC_ROUTES } from './public-routes.js';
export { AUTHORISER, type Authoriser, type RouteAccess } from './route-access.js';
export { RouteTable, type RegisteredRoute } from './route-table.js';
export { SECURITY_HEADERS } from './security-headers.js';
export { problemErrorHandler, sendProblem } from './send-problem.js';
