// `berth inspect --from FILE`: another machine, as the output of one of its tools tells it.
import { encodePastedInspect } from '#contract/pasted-inspect.ts';
import { renderPastedSvg } from '#report/pasted-svg.ts';
import { renderPastedText } from '#report/pasted-text.ts';
import { parsePastedText } from '#topology/parse-pasted-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { readInputFile } from '../named-file.ts';
import { printMap } from '../print-map.ts';

export interface PastedSource {
  /** `-` is standard input. */
  readonly from: string;
  readonly svg?: string | true;
}

export async function inspectPasted(context: CommandContext, { from, svg }: PastedSource): Promise<ExitCode> {
  const [file, name] = from === '-' ? ['/dev/stdin', 'standard input'] : [from, from];
  // Unlike files of the kernel, this is what a terminal showed: labels may be in any language.
  const text = Buffer.from(readInputFile(file), 'latin1').toString('utf8');
  const pasted = parsePastedText(text, name);
  if (context.json) context.print(`${JSON.stringify(encodePastedInspect(pasted, name), null, 2)}\n`);
  else {
    printMap(context, {
      svg,
      renderText: () => renderPastedText(pasted, context),
      renderSvg: () => renderPastedSvg(pasted),
    });
  }
  return 0;
}
