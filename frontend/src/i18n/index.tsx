// Two languages, no library: a table of sentences each, the same keys, checked by the compiler.
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react';
import { en } from './en';
import { zh } from './zh';
import { remember, remembered } from '../app/remember';

export type Language = 'en' | 'zh';
export type Key = keyof typeof en;
export type Sentences = Record<Key, string>;

const tables: Record<Language, Sentences> = { en, zh };

/** Sentence of `key` with `{name}` replaced by values.name. */
export type Translate = (key: Key, values?: Record<string, string | number>) => string;

export function translator(language: Language): Translate {
  const table = tables[language];
  return (key, values) =>
    values ? table[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : table[key];
}

/** Of the pages as they are shown now, for what is no component. */
export const presentTranslate = (): Translate => translator(present);
let present: Language = 'en';
export const presentLanguage = (): Language => present;

interface I18n {
  language: Language;
  setLanguage: (language: Language) => void;
  t: Translate;
}
const Context = createContext<I18n>({ language: 'en', setLanguage: () => undefined, t: translator('en') });

export function preferredLanguage(): Language {
  const kept = remembered('language');
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [language, choose] = useState<Language>(preferredLanguage);
  const value = useMemo<I18n>(() => {
    present = language;
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    return {
      language,
      t: translator(language),
      setLanguage: (next) => {
        remember('language', next);
        choose(next);
      },
    };
  }, [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export const useI18n = (): I18n => useContext(Context);
/** The translate function of the present language. */
export const useT = (): Translate => useContext(Context).t;
