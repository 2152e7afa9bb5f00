// Scales of the charts: value to pixel, and the ticks that are worth a label.

export interface Tick {
  readonly value: number;
  /** Empty: a line without a label. */
  readonly label: string;
}

export interface Scale {
  readonly ticks: readonly Tick[];
  /** Values outside the scale end at its edge. */
  at(value: number): number;
}

/** Pixels of the least and of the greatest value; upside down for y. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whole decades around the values, at least one. @param values above 0. */
export function decadesAround(values: readonly number[]): Range {
  if (values.length === 0) return { from: 1, to: 10 };
  const from = Math.floor(Math.log10(Math.min(...values)) + 1e-9);
  const to = Math.ceil(Math.log10(Math.max(...values)) - 1e-9);
  return { from: 10 ** from, to: 10 ** Math.max(to, from + 1) };
}

/** A label for every decade; lines at 2 and 5 times as well. */
export function makeLogScale({ from, to }: Range, span: Span, label: (value: number) => string): Scale {
  const [low, high] = [Math.log10(from), Math.log10(to)];
  const ticks: Tick[] = [];
  for (let decade = Math.ceil(low - 1e-9); decade <= high + 1e-9; decade += 1) {
    ticks.push({ value: 10 ** decade, label: label(10 ** decade) });
    for (const part of [2, 5]) {
      const value = part * 10 ** decade;
      if (value < to) ticks.push({ value, label: '' });
    }
  }
  return { ticks, at: value => pixel(value <= 0 ? 0 : (Math.log10(value) - low) / (high - low), span) };
}

/** Ticks at 1, 2 or 5 times a power of ten, about `wanted` of them. */
export function makeLinearScale(
  { from, to }: Range,
  span: Span,
  { wanted, label }: { readonly wanted: number; readonly label: (value: number) => string },
): Scale {
  const rough = Math.max(to - from, 1e-9) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= rough) ?? rough;
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  const ticks = Array.from({ length: count }, (_, index) => {
    const value = Math.ceil(from / step - 1e-9) * step + index * step;
    return { value, label: label(value) };
  }).filter(({ value }) => value <= to + 1e-9);
  return { ticks, at: value => pixel((value - from) / Math.max(to - from, 1e-9), span) };
}

/** Every nine as wide as the one before: `value` is the share beyond, 1 to the least. */
export function makeNinesScale(least: number, span: Span): Scale {
  const nines = Math.max(1, Math.ceil(-Math.log10(least) - 1e-9));
  const ticks = Array.from({ length: nines + 1 }, (_, nine) => ({
    value: 10 ** -nine,
    label: nine < 2 ? `${nine * 90}` : (100 - 10 ** (2 - nine)).toFixed(Math.max(0, nine - 2)),
  }));
  return {
    ticks: ticks.toSpliced(1, 0, { value: 0.5, label: '50' }),
    at: beyond => pixel(-Math.log10(Math.min(1, Math.max(beyond, 1e-300))) / nines, span),
  };
}

const pixel = (share: number, { start, end }: Span): number => start + Math.min(1, Math.max(0, share)) * (end - start);
