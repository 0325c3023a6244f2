import { Global, Module } from '@nestjs/common';
import { AUDIT_SINK } from '../kernel/index.js';
import { AuditRows } from './audit-rows.js';

@Global()
@Module({ providers: [{ provide: AUDIT_SINK, useClass: AuditRows }], exports: [AUDIT_SINK] })
export class AuditModule {}
