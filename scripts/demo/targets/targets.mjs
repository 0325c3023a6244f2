/** Real servers that stand in for a company's systems, in demo, benches and tests. Each can be told to lie in one point. */
export { startOidcTarget } from './oidc-target.mjs';
export { startScimTarget } from './scim-target.mjs';
export { startSmtpTarget } from './smtp-target.mjs';
