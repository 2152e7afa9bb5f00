// Colours and fonts of the SVG map, for light and for dark pages.

/** Middle tones on which dark text is readable, on white pages as on black ones; neighbours differ clearly. */
const GUEST_FILLS = [
  '#8ec5ff',
  '#a3dba0',
  '#ffc680',
  '#d9b3f5',
  '#7fdbd0',
  '#ffb0a8',
  '#e6d878',
  '#b5bffb',
  '#c4dd8a',
  '#f4b6d6',
  '#9ad4ef',
  '#d8c3a5',
];

/** The class of a guest's colour; colours repeat after the last. */
export const guestClass = (position: number): string => `g${position % GUEST_FILLS.length}`;

export const HOST_MAP_CSS = `
text{font-family:Inter,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif;fill:#1f2933}
.page{fill:#fff}.package{fill:#f3f5f8;stroke:#cbd2da}.node{fill:#fff;stroke:#cbd2da}.llc{fill:#f8fafc;stroke:#dde3ea}
.title{font-weight:700}.head{font-weight:600}.muted{fill:#66727f}
.cpu{stroke:#b8c1cb;stroke-width:1}.open{fill:#fff}.host{fill:#5b6673}.isolated{stroke:#d9480f;stroke-width:2}
.idle{fill-opacity:.35}.on-fill{fill:#10222f}.on-host{fill:#fff}.number{opacity:.65}
.used{fill:#5b7fa6}.cache{fill:#a9c1da}.free{fill:#e4eaf0}.near{fill:#e7f5ea}.warn{fill:#c2410c;font-weight:600}
${GUEST_FILLS.map((fill, index) => `.g${index}{fill:${fill}}`).join('')}
@media (prefers-color-scheme:dark){text{fill:#e4e9ee}.page{fill:#14181d}.package{fill:#1b2027;stroke:#3a434d}
.node{fill:#20262e;stroke:#3a434d}.llc{fill:#262d36;stroke:#3a434d}.muted{fill:#98a4b0}.open{fill:#1b2027}
.cpu{stroke:#4a545f}.free{fill:#39424c}.on-fill{fill:#10222f}.warn{fill:#fdba74}.near{fill:#21412c}}
`;
