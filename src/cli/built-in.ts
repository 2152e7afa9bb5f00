// Texts that the build puts into the program: they are its own, whatever an upgrade replaces while it runs.

/** The bundled `solve/highs-worker`. */
export const solverCode = (): string => builtIn(process.env.BERTH_SOLVER);

/** The hookscript that `berth hook install` puts into a storage. */
export const hookSnippet = (): string => builtIn(process.env.BERTH_HOOK);

function builtIn(text: string | undefined): string {
  if (text === undefined) throw new Error('Only the built program has it: npm run build');
  return text;
}
