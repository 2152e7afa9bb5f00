// Prints a map in the form that was asked for: as text, or as SVG to standard output or to a file.
import type { CommandContext } from './command-context.ts';
import { writeOutputFile } from './named-file.ts';

export interface MapForms {
  /** From the command line: absent, without a file, or with one. */
  readonly svg: string | true | undefined;
  renderText(): string;
  renderSvg(): string;
}

export function printMap(context: CommandContext, { svg, renderText, renderSvg }: MapForms): void {
  if (svg === undefined) context.print(renderText());
  else if (svg === true) context.print(renderSvg());
  else {
    writeOutputFile(svg, renderSvg());
    context.tell(`Wrote ${svg}\n`);
  }
}
