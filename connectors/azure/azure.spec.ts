import { describeConnector } from '#sdk/testing.js';
import { azure } from './connector.js';

describeConnector(azure, import.meta.url);
