// Runs the bundled program; with V8's compiled code beside it, which halves the start-up, when there is some for this Node.
'use strict';

const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Node refuses compiled code of another version or other flags by itself, and then compiles anew.
 * It compares the source by its length alone, so whoever writes the bundle removes the code first.
 */
function loadBundle(file, codeFile) {
  // The wrapper that CommonJS files always get.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
  const cachedData = readIfThere(codeFile);
  const script = new Script(source, cachedData ? { filename: file, cachedData } : { filename: file });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return script;
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

module.exports = { loadBundle };
