// Writes the report of a latency run into files that the user names: a page, and pictures.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from '#domain/measurement.ts';
import { hostErrorFrom } from '#host/errno.ts';
import { renderBenchPage } from '#report/bench/bench-page.ts';
import { renderBenchPictures } from '#report/bench/bench-pictures.ts';
import type { CommandContext } from '../command-context.ts';
import { writeOutputFile } from '../named-file.ts';

export interface ReportFiles {
  /** One file with everything. */
  readonly html: string | undefined;
  /** A directory for pictures; made when it is not there, in a directory that is. */
  readonly svg: string | undefined;
}

/** Returns false when no file was asked for. @throws HostError naming the file and why it cannot be written. */
export function writeReport({ tell }: CommandContext, measurement: Measurement, { html, svg }: ReportFiles): boolean {
  if (html !== undefined) {
    writeOutputFile(html, renderBenchPage(measurement));
    tell(`Wrote ${html}\n`);
  }
  if (svg !== undefined) {
    makeDirectory(svg);
    const pictures = renderBenchPictures(measurement);
    for (const [name, text] of pictures) writeOutputFile(join(svg, name), text);
    tell(`Wrote ${[...pictures.keys()].join(', ')} to ${svg}\n`);
  }
  return html !== undefined || svg !== undefined;
}

/** Its parent has to be there: Node's `recursive` does not end where the kernel makes no directories, as in `/proc`. */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  try {
    mkdirSync(path);
  } catch (error) {
    throw hostErrorFrom(`Cannot make ${path}`, error);
  }
}
