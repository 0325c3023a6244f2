import { defineErrors } from '../kernel/index.js';

export const contextErrors = defineErrors({
  'context.file_unreadable': {
    status: 400,
    title: 'A file of the import cannot be read',
    remedy: 'Give CSV (.csv) with a header line that has person_id, account_id or endpoint_id, or JSON (.json) with people, accounts, endpoints; docs/how-to/context.md has an example of each.',
  },
  'context.import_too_large': {
    status: 413,
    title: 'The import is larger than the limit',
    remedy: 'Import at most 16 MiB and 100,000 rows at a time; divide what is larger into several sources.',
  },
  'context.nothing_to_import': {
    status: 400,
    title: 'The import has no row that could be used',
    remedy: 'Check that the files are the right ones; an import replaces all that its source said before, so an empty one is refused.',
  },
  'context.import_has_findings': {
    status: 422,
    title: 'The import has rows that cannot be used, so nothing was imported',
    remedy: 'Mend the rows that the findings name, or import the others alone with skip_bad_rows (--skip-bad-rows).',
  },
  'context.request_invalid': {
    status: 400,
    title: 'The request cannot be used',
    remedy: 'Correct the parameter or member that the detail names; docs/how-to/context.md describes them.',
  },
  'context.person_unknown': {
    status: 404,
    title: 'No source states this person',
    remedy: 'Use the id of the import; `GET /v1/context/resolve` finds a person by account or e-mail address.',
  },
});
