// Says on stderr what a lab run is doing, with the seconds since its start.

export interface Progress {
  readonly tell: (what: string) => void;
  readonly end: () => void;
}

export function startProgress(): Progress {
  const began = performance.now();
  const tell = (what: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stderr.write(`[${seconds.padStart(5)} s] ${what}\n`);
  };
  return { tell, end: () => tell('ended') };
}
