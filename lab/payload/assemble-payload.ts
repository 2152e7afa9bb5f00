// Assembles the payload, which QEMU starts with `-kernel`.
import { HostError } from '#host/host-error.ts';
import { runCommand } from '#host/run-command.ts';

/** npm runs every command of this project in its root. */
const SOURCE = 'lab/payload/payload.asm';

/** @throws HostError `missing` without nasm, `failed` with nasm's own words (`file:line: …`) when it finds a mistake. */
export async function assemblePayload(outputFile: string, sourceFile: string = SOURCE): Promise<void> {
  try {
    await runCommand(['nasm', '-f', 'bin', '-Werror', '-o', outputFile, sourceFile], { timeoutMs: 10_000 });
  } catch (error) {
    if (!(error instanceof HostError) || error.reason !== 'missing') throw error;
    const message =
      'Cannot assemble the payload: there is no nasm. On Debian, root installs it with: apt-get install nasm';
    throw new HostError('missing', message, { cause: error });
  }
}
