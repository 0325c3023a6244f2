export { AssetsController } from './assets.controller.js';
export { escapeHtml, Html, html, type HtmlPart } from './html.js';
export { PAGE_HEADERS, renderPage, sendPage, type Page } from './page.js';
export { PAGE_STYLE_URL } from './page-style.js';
