// How the site looks: on screens of any width, in light and in dark, and on paper.

const LIGHT = `--ink:#1c2630;--muted:#566370;--paper:#fff;--panel:#f5f7f9;--line:#d5dce3;--link:#0b5fb0`;
const DARK = `--ink:#e6ebf0;--muted:#a3b0bc;--paper:#12171c;--panel:#1a2128;--line:#39444f;--link:#74bcff`;

export const SITE_CSS = `:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*,*::before,*::after{box-sizing:border-box}
html{font:100%/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word}
a{color:var(--link)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.3rem .6rem}
header{border-bottom:1px solid var(--line)}header>div{max-width:86rem;margin:0 auto;padding:.7rem 1.25rem}
.name{font-weight:700;font-size:1.15rem;color:var(--ink);text-decoration:none}.version{color:var(--muted);font-size:.85rem}
.to-pages{display:none;float:right}
.columns{display:grid;grid-template-columns:15rem minmax(0,1fr) 13rem;gap:2.5rem;max-width:86rem;margin:0 auto;padding:0 1.25rem}
nav[aria-label="Pages"]{border-right:1px solid var(--line);padding:1rem 1rem 3rem 0;font-size:.92rem}
nav h2{font-size:.8rem;color:var(--muted);margin:1.3rem 0 .25rem;font-weight:600}
nav ul{list-style:none;margin:0;padding:0}nav li{margin:0}
nav li a{display:block;padding:.18rem 0 .18rem .6rem;border-left:3px solid transparent;color:var(--ink);text-decoration:none}
nav li a:hover{text-decoration:underline}nav [aria-current]{border-left-color:var(--link);font-weight:600}
main{padding:1.5rem 0 5rem;max-width:50rem;min-width:0}
.contents{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:1.2rem 0;font-size:.86rem}
h1,h2,h3{line-height:1.25;text-wrap:balance}main h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.1rem);letter-spacing:-.015em;margin:.25rem 0 1rem}
main h2{font-size:1.3rem;margin:2.4rem 0 .7rem}main h3{font-size:1.05rem;margin:1.7rem 0 .5rem}
p,ul,ol,pre{margin:.7rem 0}li{margin:.25rem 0}
code{font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--panel);border-radius:3px;padding:.05em .25em;white-space:nowrap}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;overflow-x:auto}
pre code{background:none;padding:0;white-space:inherit}.console code{color:var(--muted)}.console b{color:var(--ink)}
.scroll{overflow-x:auto;margin:.9rem 0}table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .8rem .35rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--muted);font-weight:500}
.number{text-align:right}
img{display:block;width:100%;height:auto;background:#fff;border-radius:6px}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:2px}
@media (max-width:56rem){.columns{display:flex;flex-direction:column-reverse;gap:0}nav[aria-label="Pages"]{border:0;border-top:1px solid var(--line)}.to-pages{display:inline}code{white-space:normal}}
@media (max-width:74rem){.columns{grid-template-columns:15rem minmax(0,1fr)}.contents{display:none}}
@media print{nav,header,.skip{display:none}.columns{display:block}pre{white-space:pre-wrap}a{color:inherit}}
`;
