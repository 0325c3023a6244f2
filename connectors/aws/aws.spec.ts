import { describeConnector } from '#sdk/testing.js';
import { aws } from './connector.js';

describeConnector(aws, import.meta.url);
