import { describeHttpAction } from '#sdk/testing.js';
import { webhook } from './connector.js';

describeHttpAction({
  connector: webhook,
  action: 'webhook.send',
  config: (url) => ({ endpoints: { pager: { url: `${url}/hook`, secret: 'env:SECRET' } } }),
  input: { body: { text: 'containment failed' } },
  target: () => () => ({ status: 202 }),
});
