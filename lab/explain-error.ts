// What a program of the lab says when it cannot do what it was asked.

/** The message; for an option that there is not, also where those there are can be read. */
export function explainError(error: unknown, help: string): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!code.startsWith('ERR_PARSE_ARGS')) return error.message;
  // What follows is advice for whoever writes the program.
  return `${error.message.split('. ', 1)[0]}. See \`${help}\``;
}
