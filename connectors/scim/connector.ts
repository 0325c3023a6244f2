import { defineConnector } from '#sdk/index.js';
import { deactivateUser, reactivateUser } from './actions/set-active.js';
import { scimConfig } from './config.js';

export const scim = defineConnector({ id: 'scim', title: 'SCIM 2.0 directory', evidence: 'A', config: scimConfig, actions: [deactivateUser, reactivateUser] });
