// What the executable begins with: runs the bundle that is inside, with V8's compiled code. Native code and HiGHS are beside it.
'use strict';

const { writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

// As the package lays them out: /usr/bin/berth and its library, wherever it was unpacked.
const parts = join(dirname(process.execPath), '../..', getAsset('library', 'utf8'));
const filename = join(parts, 'berth.cjs');
// The wrapper that CommonJS files always get.
const source = `(function (exports, require, module, __filename, __dirname) {${getAsset('berth.cjs', 'utf8')}\n})`;
const script = new Script(source, { filename, cachedData: new Uint8Array(getRawAsset('berth.cjs.code')) });
const module_ = { exports: {} };
// Node calls its thread MainThread, and so would ps, top and systemctl.
writeFileSync('/proc/self/comm', 'berth');
script.runInThisContext()(module_.exports, createRequire(filename), module_, filename, parts);
