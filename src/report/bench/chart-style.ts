// Colours, line styles and fonts of the charts: told apart without colour, on light pages, on dark ones and on paper.
import type { PhaseName } from '#domain/measurement.ts';

export const PHASE_CLASSES: Readonly<Record<PhaseName, string>> = {
  asFound: 'as-found',
  asPlanned: 'as-planned',
  asFoundAgain: 'as-found-again',
};

const LIGHT = `--ink:#1c2630;--muted:#566370;--paper:#fff;--panel:#f5f7f9;--line:#d5dce3;--faint:#e9edf1;
--found:#b3440a;--planned:#0b5fb0;--again:#7b6455;--shade:#e3eefa;--mark:#8ec5ff;--good:#15693a;--bad:#b3261e`;
const DARK = `--ink:#e6ebf0;--muted:#a3b0bc;--paper:#12171c;--panel:#1a2128;--line:#39444f;--faint:#252e37;
--found:#ffa268;--planned:#74bcff;--again:#cdb6a8;--shade:#1b3047;--mark:#2f6fad;--good:#6fd49a;--bad:#ff9a90`;

/** Variables for everything that a page or a picture of a latency run is drawn with. */
export const COLOUR_CSS = `:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
@media print{:root{color-scheme:light;${LIGHT}}}`;

export const CHART_CSS = `.chart text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","DejaVu Sans",sans-serif;fill:var(--ink)}
.chart .muted{fill:var(--muted)}.chart .strong{font-weight:600}
.chart .axis{stroke:var(--muted);stroke-width:1;fill:none}.chart .grid{stroke:var(--line);stroke-width:1}.chart .fine{stroke:var(--faint);stroke-width:1}
.chart .curve{fill:none;stroke-width:2;stroke-linejoin:round}.chart .shade{fill:var(--shade)}
.chart .as-found{stroke:var(--found);stroke-dasharray:7 3}.chart .as-planned{stroke:var(--planned);stroke-width:2.5}
.chart .as-found-again{stroke:var(--again);stroke-dasharray:2 3}.chart .bar{stroke-dasharray:none;stroke-width:2}
.chart .dot{stroke-width:1.6;fill:var(--paper);stroke-dasharray:none}.chart .noise{fill:var(--line)}
.chart .under{stroke:none;fill:var(--planned);fill-opacity:.1}
.chart .box{fill:var(--panel);stroke:var(--line)}.chart .cpu{fill:var(--paper);stroke:var(--line)}
.chart .cpu-used{fill:var(--mark);stroke:var(--planned)}.chart .cpu-some{fill:var(--shade);stroke:var(--planned);stroke-dasharray:3 2}`;
