import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { shapes } from '#fixtures/shapes.ts';
let t=performance.now(); makeShapeTree(shapes['sixteen-sockets']); console.log('gen', performance.now()-t);
