// Rules for the translation files; pure functions, so that they can be tested. check-i18n.mjs feeds them with the files.

/** The plural categories each language needs (CLDR, as the browser's Intl.PluralRules reports them). */
export const pluralForms = (language) => new Intl.PluralRules(language).resolvedOptions().pluralCategories;

const PLURAL = /_(zero|one|two|few|many|other)$/;

/** Nested object -> { 'a.b.c': text }. */
export function flatten(tree, prefix = '') {
  const flat = {};
  for (const [key, value] of Object.entries(tree)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (typeof value === 'string') flat[path] = value;
    else Object.assign(flat, flatten(value, path));
  }
  return flat;
}

/** Keys without plural suffix, and which of them are plural. A key is plural when it has an `_other` form. */
export function entries(flat) {
  const keys = new Map();
  for (const key of Object.keys(flat)) {
    const match = PLURAL.exec(key);
    const base = match && `${key.slice(0, match.index)}_other` in flat ? key.slice(0, match.index) : null;
    if (base === null) keys.set(key, null);
    else keys.set(base, [...(keys.get(base) ?? []), match[1]]);
  }
  return keys;
}

const placeholders = (text) => [...text.matchAll(/\{\{\s*([\w.]+)/g)].map((match) => match[1]).sort();

/** Compare one namespace in all languages. `texts`: { en: flat, ru: flat, ro: flat } -> list of complaints. */
export function compare(namespace, texts) {
  const complaints = [];
  const tables = Object.fromEntries(Object.entries(texts).map(([language, flat]) => [language, entries(flat)]));
  const all = new Set(Object.values(tables).flatMap((table) => [...table.keys()]));
  for (const key of all) {
    for (const [language, table] of Object.entries(tables)) {
      const where = `${namespace}:${key} (${language})`;
      if (!table.has(key)) {
        complaints.push(`${where}: missing`);
        continue;
      }
      const forms = table.get(key);
      const plural = Object.values(tables).some((other) => Array.isArray(other.get(key)));
      if (plural) {
        for (const form of pluralForms(language)) if (!forms?.includes(form)) complaints.push(`${where}: plural form "${form}" missing`);
        for (const form of forms ?? []) if (!pluralForms(language).includes(form)) complaints.push(`${where}: plural form "${form}" does not exist in this language`);
      }
    }
  }
  const names = (flat, key) => {
    const own = key in flat ? [flat[key]] : Object.entries(flat).filter(([name]) => name.replace(PLURAL, '') === key).map(([, text]) => text);
    // "count" may be left out of a form that says it in words ("one person").
    return [...new Set(own.flatMap(placeholders))].filter((name) => name !== 'count').join(',');
  };
  const [reference] = Object.keys(texts);
  for (const key of all) {
    for (const [language, flat] of Object.entries(texts)) {
      if (tables[language].has(key) && tables[reference].has(key) && names(flat, key) !== names(texts[reference], key)) {
        complaints.push(`${namespace}:${key} (${language}): placeholders differ from ${reference}`);
      }
    }
  }
  for (const [language, flat] of Object.entries(texts)) {
    for (const [key, text] of Object.entries(flat)) {
      if (text.trim() === '') complaints.push(`${namespace}:${key} (${language}): empty`);
      // Romanian is written with comma below (U+0219, U+021B), not with cedilla.
      if (language === 'ro' && /[şţŞŢ]/.test(text)) complaints.push(`${namespace}:${key} (ro): cedilla instead of comma below`);
    }
  }
  return complaints;
}

/** Keys that no source names. `sources`: all code as one string. Dynamic keys are found by their fixed beginning. */
export function unused(namespace, flat, sources) {
  const whole = new Set([...sources.matchAll(/['"`]([\w-]+:)?([\w.-]+)['"`]/g)].map((match) => match[2]));
  const starts = [...sources.matchAll(/`(?:[\w-]+:)?([\w.-]+\.)\$\{/g)].map((match) => match[1]);
  return [...entries(flat).keys()]
    .filter((key) => !whole.has(key) && !starts.some((start) => key.startsWith(start)))
    .map((key) => `${namespace}:${key}: not used`);
}
