// Compresses what was built once and for all; the server sends x.js.gz for x.js to whoever takes gzip.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const SMALLEST = 1000; // bytes; below that nothing is saved
const folder = new URL('../../src/centrala/web/static/assets/', import.meta.url);

let [before, after] = [0, 0];
for (const name of readdirSync(folder).filter((one) => /\.(js|css)$/.test(one))) {
  const content = readFileSync(new URL(name, folder));
  const zipped = gzipSync(content, { level: 9 });
  if (content.length >= SMALLEST) writeFileSync(new URL(`${name}.gz`, folder), zipped);
  before += content.length;
  after += Math.min(content.length, zipped.length);
}
console.log(`scripts and styles: ${(before / 1000).toFixed(0)} kB, compressed ${(after / 1000).toFixed(0)} kB`);
