// Which letters small charts may be drawn with on this terminal.
import type { SparkStyle } from '#report/bench/spark.ts';

/** The console of a machine has few letters; other terminals have those of their locale, which is UTF-8 unless it says otherwise. */
export function chooseSpark({ TERM, LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): SparkStyle {
  const locale = LC_ALL || LC_CTYPE || LANG || 'C.UTF-8';
  return TERM !== 'linux' && /utf-?8/i.test(locale) ? 'blocks' : 'ascii';
}
