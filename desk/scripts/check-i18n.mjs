// Fails when a translation is missing, lacks a plural form, differs in placeholders, or is not used any more.
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, flatten, unused } from './i18n-rules.mjs';

const LANGUAGES = ['en', 'ru', 'ro'];
const cwd = fileURLToPath(new URL('../src/', import.meta.url));
const read = (file) => readFileSync(new URL(file, new URL('../src/', import.meta.url)), 'utf8');

const folders = [...new Set(globSync('**/*.json', { cwd }).map((file) => dirname(file)))];
const code = globSync('**/*.{ts,tsx}', { cwd }).filter((file) => !file.includes('.test.') && !file.endsWith('schema.d.ts'));
const complaints = [];
for (const folder of folders) {
  const namespace = basename(folder) === 'i18n' ? basename(dirname(folder)) : basename(folder);
  const texts = Object.fromEntries(LANGUAGES.map((language) => [language, flatten(JSON.parse(read(`${folder}/${language}.json`)))]));
  // Errors are named by the server's codes; tests/browser/test_texts.py compares them with the server.
  const owner = folder.startsWith('features/') ? code.filter((file) => file.startsWith(dirname(folder))) : code;
  complaints.push(...compare(namespace, texts));
  if (namespace !== 'errors') complaints.push(...unused(namespace, texts.en, owner.map(read).join('\n')));
}
for (const complaint of complaints) console.error(complaint);
console.log(`translations: ${folders.length} namespaces, ${complaints.length} complaints`);
process.exit(complaints.length > 0 ? 1 : 0);
