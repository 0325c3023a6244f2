import eslint from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { fileName } from './eslint/file-name.mjs';
import { engines } from './eslint/module-order.mjs';
import { importZones } from './eslint/zones.mjs';

const root = import.meta.dirname;
const tests = ['**/*.spec.ts', 'test/**/*.ts', 'bench/**/*.ts'];

const frameworks = {
  group: ['@nestjs/*', 'typeorm', 'typeorm/*', 'pg', 'pg-*', 'fastify', '@fastify/*', 'reflect-metadata'],
  message: 'an engine runs without framework and database',
};

export default tseslint.config(
  { ignores: ['dist/', 'dist.*/', 'node_modules/', 'coverage/', 'data/', 'src/console/ui/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true } },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { 'import-x': importX, cordon: { rules: { 'file-name': fileName } } },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [createTypeScriptImportResolver({ project: `${root}/tsconfig.json` })],
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Values of records are JSON: the rule takes every one of them for an object.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // A port declares promises; an adapter that answers from memory still has to fit it.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: root, zones: importZones() }],
      'cordon/file-name': 'error',
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      // Control characters are what some of the expressions look for.
      'no-control-regex': 'off',
      'no-restricted-syntax': [
        'error',
        { selector: 'Identifier[name="forwardRef"]', message: 'no forwardRef: move what is shared to a module above' },
      ],
    },
  },
  {
    files: engines.map(({ folder }) => `${folder}/**/*.ts`),
    ignores: tests,
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [frameworks] }] },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': 'off',
    },
  },
  { files: ['**/*.generated.ts'], rules: { 'max-lines': 'off' } },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['console', 'global', 'process', 'fetch', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance', 'AbortController', 'AbortSignal', 'TextDecoder', 'TextEncoder', 'structuredClone'].map(
          (name) => [name, 'readonly'],
        ),
      ),
    },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
);
