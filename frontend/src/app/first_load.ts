// The first load: the theme is set, and while the frame's scripts are still being read, the file of the page and the first answer of the API are on their way. The
// page is then drawn once, with what it shows. (Drawn before, it would show "Loading…", which React keeps for 0.3 s once it is there.)
// This module is a file of its own that runs before all others (vite.config.ts): it may import nothing large.
import { pageAt, pageFiles, type FirstQuestion, type PageModule, type PageName } from './page_files';
import { darkSystem, keptChoice, showTheme, themeOf } from './theme_choice';

const PAGE_MS = 1000; // the frame is shown without the page then
const ANSWER_MS = 100; // the page is shown without the answer then, counted from when its file is there

const loaded = new Map<PageName, PageModule>();
/** The module of a page, once it is there. */
export const loadedPage = (page: PageName): PageModule | undefined => loaded.get(page);

export async function fetchPage(page: PageName): Promise<PageModule> {
  const module = await pageFiles[page]();
  loaded.set(page, module);
  return module;
}

const within = (ms: number, work: Promise<unknown> | undefined): Promise<unknown> => Promise.race([work, new Promise((resolve) => setTimeout(resolve, ms))]);

export interface FirstLoad {
  question: FirstQuestion | null;
  answer: Promise<Response> | undefined;
  /** Resolves when the page can be drawn. Takes what becomes of the answer: the query that is made of it. */
  ready: (query: Promise<unknown> | undefined) => Promise<unknown>;
}

function begin(): FirstLoad {
  const found = pageAt(window.location.pathname);
  const question = found?.first ?? null;
  const answer = question ? fetch(question.target, { headers: { Accept: 'application/json' } }) : undefined;
  answer?.catch(() => undefined); // told by the query
  const file = found ? fetchPage(found.page).catch(() => undefined) : undefined; // lazy_page.ts tries again, and knows what to say
  return { question, answer, ready: async (query) => (await within(PAGE_MS, file), await within(ANSWER_MS, query)) };
}

showTheme(themeOf(keptChoice(), darkSystem().matches));
export const firstLoad = begin();
