import { Controller, Get } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { RuleLibrary, type RuleSummary } from './rule-library.js';

@Controller('v1/rules')
export class RulesController {
  constructor(private readonly library: RuleLibrary) {}

  /** Rules in force, and the documents that were refused at start. */
  @Get()
  @RouteConfig({ access: { permission: 'rules.read' } })
  list(): { rules: RuleSummary[]; refused: { file: string; document: number; code: string; message: string }[] } {
    const refused = this.library.ruleSet.refused.map(({ file, document, code, message }) => ({ file, document, code, message }));
    return { rules: this.library.list(), refused };
  }
}
