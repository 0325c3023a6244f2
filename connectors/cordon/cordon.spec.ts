import { describeConnector } from '#sdk/testing.js';
import { cordon } from './connector.js';

describeConnector(cordon, import.meta.url);
