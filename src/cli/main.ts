// The `berth` program: one command, and what its failure looks like.
import { CommanderError } from 'commander';
import { describeFailure } from './describe-failure.ts';
import { program } from './program.ts';

// A reader that has seen enough, as `head` has, is no failure.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  process.exit();
});

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1;
  else {
    process.stderr.write(`berth: ${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
});
