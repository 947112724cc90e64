// What a browser must fetch before the sign-in page and before the first page of a signed-in person work.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 250; // gzipped JavaScript of the first page, in units of 1000 bytes
const FIRST_PAGES = [
  ['sign-in', ['index.html', 'src/features/auth/sign-in-page.tsx', 'src/features/auth/i18n/ru.json']],
  ['employees', ['index.html', 'src/app/shell/shell.tsx', 'src/features/people/employees-page.tsx', 'src/features/people/i18n/ru.json']],
];
const COMMON = ['src/app/i18n/ru.json', 'src/shared/i18n/errors/ru.json', 'src/shared/i18n/common/ru.json'];

const root = new URL('../../src/centrala/web/static/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', root), 'utf8'));
const zipped = (file) => gzipSync(readFileSync(fileURLToPath(new URL(file, root))), { level: 6 }).length;

function closure(entries) {
  const seen = new Set();
  const open = [...entries];
  while (open.length > 0) {
    const key = open.pop();
    if (seen.has(key)) continue;
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build has no ${key}; update scripts/bundle-size.mjs`);
    seen.add(key);
    open.push(...(chunk.imports ?? []));
  }
  return [...seen].map((key) => manifest[key]);
}

let failed = false;
for (const [name, entries] of FIRST_PAGES) {
  const chunks = closure([...entries, ...COMMON]);
  const scripts = [...new Set(chunks.map((chunk) => chunk.file))].filter((file) => file.endsWith('.js'));
  const styles = [...new Set(chunks.flatMap((chunk) => chunk.css ?? []))];
  const kb = scripts.reduce((sum, file) => sum + zipped(file), 0) / 1000;
  const css = styles.reduce((sum, file) => sum + zipped(file), 0) / 1000;
  const verdict = kb <= LIMIT_KB ? 'ok' : 'TOO LARGE';
  console.log(`${name}: ${kb.toFixed(1)} kB JavaScript in ${scripts.length} files, ${css.toFixed(1)} kB CSS, gzipped (limit ${LIMIT_KB} kB): ${verdict}`);
  failed ||= kb > LIMIT_KB;
}
process.exit(failed ? 1 : 0);
