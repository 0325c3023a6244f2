import { Controller, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { PAGE_STYLE } from './page-style.js';

@Controller('assets')
export class AssetsController {
  /** Style of the pages. */
  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  @RouteConfig({ access: { public: 'the login page needs it; it is the same for everyone' } })
  style(): string {
    return PAGE_STYLE;
  }
}
