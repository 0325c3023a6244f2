import { defineConnector } from '#sdk/index.js';
import { revokeTokens } from './actions/revoke-tokens.js';
import { oauthConfig } from './config.js';

export const oauth = defineConnector({ id: 'oauth', title: 'OAuth 2.0 authorisation server', evidence: 'A', config: oauthConfig, actions: [revokeTokens] });
