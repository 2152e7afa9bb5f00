// What the executable begins with: runs the bundle that is inside, with V8's compiled code. Native code and the solver are beside it.
'use strict';

const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// As the build lays them out: /usr/bin/berth and /usr/lib/berth, wherever the package was unpacked.
const parts = join(dirname(process.execPath), '../lib/berth');
const filename = join(parts, 'berth.cjs');
// The wrapper that CommonJS files always get.
const source = `(function (exports, require, module, __filename, __dirname) {${getAsset('berth.cjs', 'utf8')}\n})`;
const script = new Script(source, { filename, cachedData: new Uint8Array(getRawAsset('berth.cjs.code')) });
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, createRequire(filename), module_, filename, parts);
