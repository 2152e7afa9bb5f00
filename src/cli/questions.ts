// Asks people at a terminal, a line for each answer.
import { createInterface, type ReadLineOptions } from 'node:readline';

export interface Questions {
  /** Null when it is left without an answer, by Ctrl-C, Ctrl-D or the end of the terminal. */
  readonly ask: (question: string) => Promise<string | null>;
  readonly close: () => void;
}

/** `terminal`: another than that of this process, for tests. What was typed or pasted ahead answers the questions that come. */
export function openQuestions(
  terminal: Pick<ReadLineOptions, 'input' | 'output' | 'terminal'> = { input: process.stdin, output: process.stdout },
): Questions {
  const lines = createInterface(terminal);
  const typed: string[] = [];
  let isOver = false;
  let wake = () => {};
  lines.on('line', line => {
    typed.push(line);
    wake();
  });
  lines.on('close', () => {
    isOver = true;
    wake();
  });
  const ask = async (question: string): Promise<string | null> => {
    if (isOver && typed.length === 0) return null;
    lines.setPrompt(question);
    lines.prompt();
    while (typed.length === 0 && !isOver) {
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
    const answer = typed.shift() ?? null;
    // What is said next begins a line of its own.
    if (answer === null) terminal.output?.write('\n');
    return answer;
  };
  return { ask, close: () => lines.close() };
}
