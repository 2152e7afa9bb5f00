// Steps that do what a page of the documentation says, word by word.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { parseTranscripts } from '../../site/parse-transcripts.ts';
import { StepFailure, verb } from './verb.ts';

/** What asks before it acts, at a terminal. */
const ASKS = /^(apt|berth (adopt|apply|bench|init|undo))\b/;
/** Of emulated CPUs, for a package of 118 MB. */
const LIMIT_MS = 600_000;

export const followVerbs = {
  /**
   * `follow: docs/tutorial.md`: every command of the page, or of one `section`, in its order, as somebody at a terminal who says yes; each ends
   * with 0, or with 2 where Berth has something to say. `but` begins commands that are left out. Answers are compared elsewhere, on the page's own host.
   */
  follow: verb(
    z.strictObject({
      follow: z.string(),
      section: z.optional(z.string()),
      in: z.optional(z.string()),
      but: z.optional(z.string()),
    }),
    ({ follow, section, in: directory = '/', but }, { log }) => {
      const page = readFileSync(follow, 'utf8');
      const { commands } = parseTranscripts(section === undefined ? page : cutSection(page, section));
      const lines = commands.map(({ line }) => line).filter(line => but === undefined || !line.startsWith(but));
      if (lines.length === 0) throw new StepFailure(`${follow} has no command in ${section ?? 'it'}`);
      for (const line of lines) {
        const { status, output } = runShown(line, directory);
        log(`$ ${line}: ${status}\n${output.trimEnd()}`);
        if (status !== 0 && !(status === 2 && line.startsWith('berth ')))
          throw new StepFailure(`${line} (${follow}) ended with ${status}: ${output.trim()}`);
      }
    },
  ),
};

/** From its heading to the next one of its level. @throws Error where there is none. */
function cutSection(page: string, section: string): string {
  const [, mark = '', rest] = page.split(new RegExp(`^(#+) ${section}$`, 'm'), 3);
  if (rest === undefined) throw new Error(`There is no heading "${section}"`);
  return rest.split(new RegExp(`^#{1,${mark.length}} `, 'm'), 1)[0] ?? '';
}

/** Again and again, as apt throws away what was typed before it asks. */
const SAYING_YES = 'while sleep 2; do echo y; done | script -qefc "$1" /dev/null';

function runShown(line: string, cwd: string): { readonly status: number | null; readonly output: string } {
  const [program = '', ...args] = ASKS.test(line) ? ['sh', '-c', SAYING_YES, 'sh', line] : line.split(/\s+/);
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...{ cwd, encoding: 'utf8', timeout: LIMIT_MS },
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { status, output: error?.message ?? stdout + stderr };
}
