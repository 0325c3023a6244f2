import { describeConnector } from '#sdk/testing.js';
import { traefik } from './connector.js';

describeConnector(traefik, import.meta.url);
