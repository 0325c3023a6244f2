import { defineErrors } from '../../kernel/index.js';

export const ruleTestErrors = defineErrors({
  'rules.test_invalid': {
    status: 400,
    title: 'A file with tests of rules cannot be used',
    remedy: 'Mend the field that the message names; docs/how-to/first-rule.md shows a file that works.',
  },
});
