import i18next, { type BackendModule, type ResourceKey } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const LANGUAGES = ['en', 'ru', 'ro'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language is named in itself, so that a person finds it whatever the page speaks. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ru: 'Русский', ro: 'Română' };

const LANGUAGE_KEY = 'centrala.language';

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

type Loader = () => Promise<{ default: ResourceKey }>;

// One file per room and language: common and errors here, the shell's in app/, the rest with their feature.
const files: Record<string, Loader> = {
  ...import.meta.glob<{ default: ResourceKey }>('./{common,errors}/*.json'),
  ...import.meta.glob<{ default: ResourceKey }>('../../{app,features/*}/i18n/*.json'),
};

const loaders = new Map(
  Object.entries(files).map(([path, load]) => {
    const match = /([\w-]+)(?:\/i18n)?\/(\w+)\.json$/.exec(path);
    return [`${match?.[1] ?? ''}/${match?.[2] ?? ''}`, load];
  }),
);

const backend: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read(language, namespace, done) {
    const load = loaders.get(`${namespace}/${language}`);
    if (load === undefined) {
      done(new Error(`no texts ${namespace}/${language}`), null);
      return;
    }
    load().then(
      (module) => done(null, module.default),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
    );
  },
};

/** Before anybody has signed in: what was used here last, else what the browser prefers, else English. */
export function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY);
  if (isLanguage(kept)) return kept;
  for (const tag of navigator.languages) {
    const language = tag.slice(0, 2).toLowerCase();
    if (isLanguage(language)) return language;
  }
  return 'en';
}

export async function startTranslations(language: Language): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: language,
      fallbackLng: false,
      supportedLngs: LANGUAGES,
      ns: ['common', 'errors', 'app'],
      defaultNS: 'common',
      // React escapes what it renders.
      interpolation: { escapeValue: false },
      saveMissing: true,
      missingKeyHandler: (languages, namespace, key) => {
        // eslint-disable-next-line no-console -- the browser tests fail on anything in the console
        console.error(`missing translation ${namespace}:${key} (${languages.join(', ')})`);
      },
      react: { useSuspense: true },
    });
  document.documentElement.lang = language;
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(LANGUAGE_KEY, language);
  if (i18next.language !== language) await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function loadNamespaces(...namespaces: string[]): Promise<void> {
  await i18next.loadNamespaces(namespaces);
}
