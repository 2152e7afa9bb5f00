// Preloaded into a program (`node --require`): SIGKILL right before its n-th change of a kind, named by DIE_AT_CHANGE, such as "file 9".
// The kernel makes no difference between this and a stranger's SIGKILL, and no other way hits the same moment each time without stopping
// the program at every call: `strace --inject` sends no signals in its fast mode, and is five times as slow in its other one.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');

const [kind, number] = (process.env.DIE_AT_CHANGE ?? '').split(' ');
let changes = 0;

/** The same function, with its calls counted. */
const mortal =
  change =>
  (...args) => {
    changes += 1;
    if (changes === Number(number)) process.kill(process.pid, 'SIGKILL');
    return change(...args);
  };

if (kind === 'file') {
  // The program replaces files by renaming a finished one over them.
  fs.renameSync = mortal(fs.renameSync);
  fs.unlinkSync = mortal(fs.unlinkSync);
}

if (kind === 'thread') {
  const load = Module._load;
  Module._load = (request, ...rest) => {
    const loaded = load(request, ...rest);
    return request === 'koffi' ? { ...loaded, load: path => openLibrary(loaded.load(path)) } : loaded;
  };
}

function openLibrary(library) {
  return {
    func: signature => {
      const call = library.func(signature);
      return signature.includes(' sched_setaffinity(') ? mortal(call) : call;
    },
  };
}
