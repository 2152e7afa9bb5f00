// Says on stderr what a lab run is doing, with the seconds since its start: one line that changes on a terminal, plain lines elsewhere.

export interface Progress {
  /** Of several that run at once each has a lane from 0 on, and they share the line; an empty word leaves it. */
  readonly tell: (what: string, lane?: number) => void;
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
  const now: string[] = [];
  let ended = false;
  const makeLine = (what: string) => `[${((performance.now() - began) / SECOND_MS).toFixed(1).padStart(5)} s] ${what}`;
  const draw = () => {
    const line = makeLine(now.filter(what => what).join(' | '));
    // A line that wraps could not be taken back.
    stream.write(`${ERASE}${line.slice(0, stream.columns - 1)}`);
  };
  const clock = stream.isTTY ? setInterval(draw, SECOND_MS).unref() : undefined;
  const clear = () => {
    if (stream.isTTY && !ended) stream.write(ERASE);
  };
  return {
    tell: (what, lane = 0) => {
      now[lane] = what;
      if (ended) return;
      if (stream.isTTY) draw();
      else if (what) stream.write(`${makeLine(what)}\n`);
    },
    clear,
    end: () => {
      clearInterval(clock);
      clear();
      ended = true;
    },
  };
}
