// How the page of a latency run looks: on screens of any width, in light and in dark, and on paper.
import { CHART_CSS, COLOUR_CSS } from './chart-style.ts';

export const PAGE_CSS = `${COLOUR_CSS}
*,*::before,*::after{box-sizing:border-box}
html{font:100%/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word}
.page{max-width:54rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1,h2,h3{line-height:1.25;text-wrap:balance}h1{font-size:clamp(1.5rem,1.1rem + 2vw,2.15rem);letter-spacing:-.015em;margin:.25rem 0 .75rem}
h2{font-size:1.3rem;margin:3.25rem 0 .75rem;padding-top:.9rem;border-top:1px solid var(--line)}h3{font-size:1.02rem;margin:1.75rem 0 .5rem}
p,ul,ol,dl,pre{margin:.6rem 0}li{margin:.3rem 0}p,li{max-width:44rem;text-wrap:pretty}
a{color:var(--planned)}.kicker,.facts,.note{color:var(--muted);font-size:.9rem;margin:0}.lead{font-size:1.14rem;line-height:1.55}
.facts{margin-top:.9rem}.verdict{border-left:5px solid var(--muted);padding:.1rem 0 .1rem 1.1rem}.verdict.better{border-color:var(--good)}.verdict.worse{border-color:var(--bad)}
nav{margin:1.75rem 0 0}nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;padding:0;margin:0;font-size:.94rem}nav li{margin:0}
nav a{display:inline-block;padding:.2rem 0}summary{padding:.2rem 0}
figure{margin:1.25rem 0 0}figcaption{color:var(--muted);font-size:.92rem;margin:.4rem 0 0;max-width:44rem}
.chart{display:block;width:100%;height:auto}.narrow{display:none}
.scroll{overflow-x:auto;margin:.75rem 0}table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--muted);padding:0 0 .4rem;font-size:.9rem}th,td{padding:.38rem .7rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th:first-child{text-align:left;padding-left:0}thead th{color:var(--muted);font-weight:500;white-space:normal;vertical-align:bottom}tbody th{font-weight:600}td small{display:block;color:var(--muted);font-size:.86em}
details{margin:.6rem 0 0}summary{cursor:pointer;color:var(--planned);font-size:.94rem;width:fit-content}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem}dt{color:var(--muted)}dd{margin:0;min-width:0;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;overflow-x:auto;font:.86rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.minus{color:var(--bad)}.plus{color:var(--good)}
:focus-visible{outline:3px solid var(--planned);outline-offset:3px;border-radius:2px}
footer{margin-top:3.5rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--muted);font-size:.88rem}
@media (max-width:36rem){.page{padding-top:1.5rem}.wide{display:none}.narrow{display:block}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}th,td{padding-inline:.5rem}}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{@page{margin:16mm}html{font-size:10pt}.page{max-width:none;padding:0}nav,summary{display:none}figure,table,pre,.facts{margin-top:.9rem}.verdict{break-inside:avoid}h2,h3{break-after:avoid}
.scroll{overflow:visible}th,td{white-space:normal;padding:.25rem .4rem}a{color:inherit;text-decoration:none}pre{white-space:pre-wrap}details::details-content{content-visibility:visible;block-size:auto}*{print-color-adjust:exact}}
${CHART_CSS}`;
