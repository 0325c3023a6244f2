/**
 * The modules of src/ from the lowest to the highest. A module imports only the `index.ts` of modules that stand
 * before it. This list is the single source: the lint zones and the check of docs/architecture.md are made from it.
 */
export const moduleOrder = [
  'kernel',
  'config',
  'platform',
  'sdk',
  'audit',
  'context',
  'access',
  'intake',
  'normalise',
  'detect',
  'incident',
  'respond',
  'breach',
  'forward',
  'console',
];

/**
 * Folders of plain TypeScript that run without a framework or a database, and the modules each may use. A folder that
 * does not exist yet costs nothing.
 */
export const engines = [
  { folder: 'src/kernel', uses: [] },
  // The kit for tests runs actions on the product's own HTTP client.
  { folder: 'src/sdk', targets: ['./src/sdk/*.ts', './src/sdk/!(testing)/**/*.ts'], uses: ['kernel'] },
  { folder: 'src/detect/engine', uses: ['kernel'] },
  { folder: 'src/respond/engine', uses: ['kernel'] },
  { folder: 'src/breach/engine', uses: ['kernel'] },
];

/** Files that compose the product. They are exempt from the order and alone load connectors. */
export const composition = ['src/cli', 'src/connectors.ts', 'src/main.ts', 'src/create-app.ts', 'src/app.module.ts'];
