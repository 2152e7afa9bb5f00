// Latencies, ratios and shares as people read them: no more digits than a measurement has.
import type { Estimate } from '#domain/measurement.ts';

/** `870 ns`, `61.2 µs`, `4.13 ms`, `1.2 s`; three digits. */
export function renderLatency(us: number): string {
  if (us === 0) return '0 µs';
  if (us < 1) return `${threeDigits(us * 1000)} ns`;
  if (us < 999.5) return `${threeDigits(us)} µs`;
  return us < 999_500 ? `${threeDigits(us / 1000)} ms` : `${threeDigits(us / 1_000_000)} s`;
}

/** Three significant digits without an exponent; zeros behind the point are left out. */
export function threeDigits(value: number): string {
  if (value >= 999.5) return groupDigits(Math.round(value));
  const text = value.toPrecision(3);
  if (text.includes('e')) return '0';
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `1,234,567`. */
export const groupDigits = (count: number): string => `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');

/** Two digits behind the point, or two digits where those would be zeros. */
export function renderRatio(ratio: number): string {
  if (ratio >= 9.95) return threeDigits(ratio);
  return ratio >= 0.0995 || ratio < 1e-6 ? ratio.toFixed(2) : `${Number(ratio.toPrecision(2))}`;
}

/** `0.15 (0.12 to 0.19)`. */
export const renderRatioEstimate = ({ value, low, high }: Estimate): string =>
  `${renderRatio(value)} (${renderRatio(low)} to ${renderRatio(high)})`;

/** `61.2 µs (58 µs to 64.9 µs)`. */
export const renderLatencyEstimate = ({ value, low, high }: Estimate): string =>
  `${renderLatency(value)} (${renderLatency(low)} to ${renderLatency(high)})`;

/** `99.99 %`; a share of 1 is `100 %`. */
export const renderPercent = (share: number): string => `${Number((share * 100).toPrecision(6))} %`;

/** `p = 0.003`, `p < 0.001`. */
export const renderPValue = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

/** `8 s`, `12 min`, `1 h 5 min`. */
export function renderDuration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
