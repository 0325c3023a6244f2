import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = path.resolve(import.meta.dirname, '../..');

interface Finding {
  readonly ruleId: string | null;
  readonly message: string;
}

function lint(snippets: readonly { file: string; text: string }[]): Finding[][] {
  const script = path.join(root, 'test/harness/lint-snippets.mjs');
  const { NODE_OPTIONS: _unused, ...env } = process.env;
  return JSON.parse(execFileSync(process.execPath, [script], { cwd: root, env, input: JSON.stringify(snippets), encoding: 'utf8' })) as Finding[][];
}

const forbidden = [
  {
    why: 'a module imports one that stands below it',
    file: 'src/kernel/ids.ts',
    text: "import type { CorrelationType } from '../detect/engine/correlation-spec.js';\nexport type T = CorrelationType;\n",
    rule: 'import-x/no-restricted-paths',
  },
  {
    why: 'a module reaches past the index.ts of one above it',
    file: 'src/detect/engine/correlation-spec.ts',
    text: "import type { Level } from '../../kernel/signal.js';\nexport type T = Level;\n",
    rule: 'import-x/no-restricted-paths',
  },
  {
    why: 'a module loads the command line',
    file: 'src/kernel/ids.ts',
    text: "import { ExitCode } from '../cli/exit-codes.js';\nexport const ok = ExitCode.ok;\n",
    rule: 'import-x/no-restricted-paths',
  },
  {
    why: 'an engine imports Nest',
    file: 'src/detect/engine/correlation-spec.ts',
    text: "import { Logger } from '@nestjs/common';\nexport const logger = new Logger();\n",
    rule: '@typescript-eslint/no-restricted-imports',
  },
  {
    why: 'an engine imports TypeORM, if only a type',
    file: 'src/kernel/tx.ts',
    text: "import type { DataSource } from 'typeorm';\nexport type T = DataSource;\n",
    rule: '@typescript-eslint/no-restricted-imports',
  },
  {
    why: 'two files import each other',
    file: 'src/kernel/ids.ts',
    text: "import { isJsonObject } from './index.js';\nexport const check = isJsonObject;\n",
    rule: 'import-x/no-cycle',
  },
  {
    why: 'forwardRef is named',
    file: 'src/kernel/ids.ts',
    text: 'export function forwardRef(): void {}\n',
    rule: 'no-restricted-syntax',
  },
  {
    why: 'a promise is left floating',
    file: 'src/kernel/ids.ts',
    text: 'export function f(): void {\n  Promise.resolve(1);\n}\n',
    rule: '@typescript-eslint/no-floating-promises',
  },
] as const;

const allowed = [
  { why: 'a module uses the index.ts of one above it', file: 'src/detect/engine/correlation-spec.ts', text: "import type { Level } from '../../kernel/index.js';\nexport type T = Level;\n" },
  { why: 'the command line uses any module', file: 'src/cli/exit-codes.ts', text: "import type { CorrelationType } from '../detect/engine/correlation-spec.js';\nexport type T = CorrelationType;\n" },
];

describe('lint', () => {
  it('refuses what breaks the order of modules and lets the rest pass', () => {
    const findings = lint([...forbidden, ...allowed]);
    forbidden.forEach(({ why, rule }, index) => {
      expect({ why, rules: findings[index]!.map((finding) => finding.ruleId) }).toEqual({ why, rules: expect.arrayContaining([rule]) });
    });
    allowed.forEach(({ why }, index) => {
      expect({ why, findings: findings[forbidden.length + index] }).toEqual({ why, findings: [] });
    });
  }, 60_000);

  it('knows every folder of src/', async () => {
    const { moduleOrder } = (await import(path.join(root, 'eslint/module-order.mjs'))) as { moduleOrder: string[] };
    const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const unknown = folders.map((entry) => entry.name).filter((name) => name !== 'cli' && !moduleOrder.includes(name));
    expect(unknown).toEqual([]);
  });
});
