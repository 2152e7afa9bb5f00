// Arguments as words of a shell script: the lab's jobs are scripts, because that is what a bare init can run.

export const quoteArguments = (args: readonly string[]): string => args.map(quoteArgument).join(' ');

const quoteArgument = (argument: string): string => `'${argument.replaceAll("'", "'\\''")}'`;
