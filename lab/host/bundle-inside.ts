// Bundles the program that runs inside: one file starts quickest under emulation.
import { build } from 'esbuild';

export async function bundleInside(entry = 'lab/inside/main.ts'): Promise<Buffer> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('The program inside could not be bundled');
  return Buffer.from(file.contents);
}
