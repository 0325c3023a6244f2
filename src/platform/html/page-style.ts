import { createHash } from 'node:crypto';

/** Style of every page. Colours have a contrast of at least 4.5:1 (WCAG 2.2 AA) in both schemes. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --ink: #17202b; --soft: #4a5665; --line: #d3d9e0; --link: #0b57b8; --good: #11663a; --bad: #a4161a; --warn: #7a4a00; --warn-back: #fff4dc; --code: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #1b212a; --ink: #e8ecf1; --soft: #aab5c2; --line: #38424f; --link: #8ab8ff; --good: #63d297; --bad: #ff9a9a; --warn: #ffcf7d; --warn-back: #33280f; --code: #262e39; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
a:focus-visible, button:focus-visible, input:focus-visible, textarea:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .25rem .75rem; }
header.bar { background: var(--card); border-bottom: 1px solid var(--line); }
header.bar > div, main { max-width: 60rem; margin: 0 auto; padding: .75rem 1rem; }
header.bar > div { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; }
header.bar .name { font-weight: 700; text-decoration: none; color: var(--ink); }
header.bar .who { margin-left: auto; color: var(--soft); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 .25rem; }
h2 { font-size: 1.125rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
dl + h3 { margin-top: 1rem; }
p { margin: 0 0 .5rem; }
.about { margin: 0 0 1rem; }
.card > :last-child, .notice > :last-child { margin-bottom: 0; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
.notice { border-left: .375rem solid var(--line); padding: .75rem 1rem; background: var(--card); margin: 0 0 1rem; }
.notice.good { border-color: var(--good); } .notice.bad { border-color: var(--bad); }
.notice.warn { border-color: var(--warn); background: var(--warn-back); color: var(--ink); }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .625rem; font-size: .875rem; font-weight: 600; white-space: nowrap; }
.tag.open { color: var(--link); } .tag.approved, .tag.go { color: var(--good); } .tag.refused, .tag.expired, .tag.refuse { color: var(--bad); } .tag.withdrawn { color: var(--soft); } .tag.ask { color: var(--warn); }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; min-width: 0; }
ul, ol { margin: 0; padding-left: 1.25rem; } ul.plain { list-style: none; padding: 0; } ul.plain.card { padding: 1rem; } ul.plain > li + li { border-top: 1px solid var(--line); margin-top: .75rem; padding-top: .75rem; }
pre { background: var(--code); border-radius: .25rem; padding: .5rem .75rem; margin: .25rem 0 .5rem; overflow-x: auto; white-space: pre-wrap; font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; background: var(--code); border-radius: .2rem; padding: 0 .25rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .375rem .75rem .375rem 0; border-top: 1px solid var(--line); } th { color: var(--soft); font-weight: 600; } th { white-space: nowrap; overflow-wrap: normal; } td.number { text-align: right; font-variant-numeric: tabular-nums; width: 1%; padding-right: 1.25rem; }
label { display: block; font-weight: 600; margin: 0 0 .25rem; }
input[type=password], textarea { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: .375rem; padding: .5rem .625rem; margin: 0 0 .75rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .375rem; border: 1px solid var(--soft); background: var(--card); color: var(--ink); cursor: pointer; }
button.approve { background: #11663a; border-color: #11663a; color: #fff; } button.refuse { background: #a4161a; border-color: #a4161a; color: #fff; } button.plain { min-height: 0; padding: .125rem .75rem; font-weight: 400; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin: 0 0 .5rem; } .buttons button { flex: 1 1 100%; } header.bar .who { margin-left: 0; width: 100%; } }
`;

const VERSION = createHash('sha256').update(PAGE_STYLE).digest('base64url').slice(0, 16);

export const PAGE_STYLE_PATH = '/assets/page.css';

/** Changes with the content, so that it may be cached for ever. */
export const PAGE_STYLE_URL = `${PAGE_STYLE_PATH}?v=${VERSION}`;
