// Reads a latency file of any known kind, told from what it holds and not from its name.
import { parseCyclictestJson } from './import-cyclictest-json.ts';
import { parseCyclictestText } from './import-cyclictest-text.ts';
import { parseHdrLog } from './import-hdr-log.ts';
import { failAt, type ImportedRun, type ImportOptions } from './imported-run.ts';

/** @throws ParseError with the file, and the line where there is one. */
export function parseLatencyFile(text: string, options: ImportOptions): ImportedRun {
  if (/^\s*\{/.test(text)) return parseCyclictestJson(text, options);
  if (/^# Histogram[ \r]*$/m.test(text)) return parseCyclictestText(text, options);
  if (/^#\[Histogram log|^"StartTimestamp"|,HISTFAAA/m.test(text)) return parseHdrLog(text, options);
  return failAt(
    options.file,
    null,
    'Neither a histogram of cyclictest (-h or --json) nor an HDR histogram log: measure with cyclictest -q -h 10000, for example',
  );
}
