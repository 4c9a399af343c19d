import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { loadFile } from '../../app/lazy_page';
import { preferredLanguage, type Language } from '../../i18n';

const FILES = { en: () => import('virtual:docs/en'), zh: () => import('virtual:docs/zh') };

// The text comes while the page is drawn for the first time; the query below finds it there, or tries again.
FILES[preferredLanguage()]().catch(() => undefined);

/** The text in the language that is read; while another one arrives, the text that was there before. */
export function useStrategyApi(language: Language) {
  return useQuery({
    queryKey: ['docs', language],
    queryFn: async () => ({ language, sections: (await loadFile(FILES[language])).strategyApi }),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
}
