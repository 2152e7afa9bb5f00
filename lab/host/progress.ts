// Says on stderr what a lab run is doing, with the seconds since its start: one line that changes on a terminal, plain lines elsewhere.

export interface Progress {
  readonly tell: (what: string) => void;
  /** Makes room for a line of another kind; the progress comes back below it. */
  readonly clear: () => void;
  /** Nothing is said from here on. */
  readonly end: () => void;
}

const SECOND_MS = 1000;
/** To the beginning of the line, and all of it away. */
const ERASE = '\r\x1b[K';

export function startProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const began = performance.now();
  let now = '';
  let ended = false;
  const line = () => `[${((performance.now() - began) / SECOND_MS).toFixed(1).padStart(5)} s] ${now}`;
  // A line that wraps could not be taken back.
  const draw = () => stream.write(stream.isTTY ? `${ERASE}${line().slice(0, stream.columns - 1)}` : `${line()}\n`);
  const clock = stream.isTTY ? setInterval(draw, SECOND_MS).unref() : undefined;
  const clear = () => {
    if (stream.isTTY && !ended) stream.write(ERASE);
  };
  return {
    tell: what => {
      now = what;
      if (!ended) draw();
    },
    clear,
    end: () => {
      clearInterval(clock);
      clear();
      ended = true;
    },
  };
}
