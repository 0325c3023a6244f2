import path from 'node:path';

const kebabWithSuffixes = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*$/;
/** A migration is named `<timestamp>-<what it does>`, which the pattern covers. */

/** Reports files whose name is not kebab-case (`group-commit.ts`, `intake.errors.ts`). */
export const fileName = {
  meta: { type: 'suggestion', schema: [], messages: { kebab: '{{name}} is not named in kebab-case' } },
  create: (context) => ({
    Program(node) {
      const name = path.basename(context.filename);
      if (!kebabWithSuffixes.test(name)) context.report({ node, messageId: 'kebab', data: { name } });
    },
  }),
};
