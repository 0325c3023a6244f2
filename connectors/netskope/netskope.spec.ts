import { describeConnector } from '#sdk/testing.js';
import { netskope } from './connector.js';

describeConnector(netskope, import.meta.url);
