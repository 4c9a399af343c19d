// Strategies that are kept in this browser: the draft that is being written (saved as it is typed) and those saved under a name.
// A draft that would be replaced by a template, a file or a run is kept as a strategy of its own first: nothing is asked, nothing is lost.
// Each tab has a draft of its own, which a reload brings back (sessionStorage); the one written last is what a new tab begins with. A tab
// that writes over another one's draft keeps that as a strategy first, too.
import { remember, remembered } from '../../../app/remember';
import { configOf, defaultConfig, type RunConfig } from '../config/config';
import type { EngineName } from '../engine/job';

export interface SavedStrategy {
  name: string;
  source: string;
  config: RunConfig;
  savedAt: string; // ISO-8601
  automatic: boolean; // kept because its draft was replaced
}
export interface Draft {
  name: string; // what it was saved or opened as; '' for none
  source: string;
  base: string; // the source as it was saved or opened: a draft that differs is not saved
  config: RunConfig;
  engine: EngineName;
}

const AUTOMATIC_MAX = 20;
const DRAFT = 'playground.draft';
export const emptyDraft: Draft = { name: '', source: '', base: '', config: defaultConfig, engine: 'server' };

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What this tab has kept for itself; null also where the browser refuses. */
function ofTab(): string | null {
  try {
    return sessionStorage.getItem(`kmill.${DRAFT}`);
  } catch {
    return null;
  }
}
function keepForTab(text: string): void {
  try {
    sessionStorage.setItem(`kmill.${DRAFT}`, text);
  } catch {
    // The one of all tabs stays.
  }
}

interface KeptDraft extends Draft {
  tab: string; // when the tab that wrote it first did, with something random: told apart, and for people a time
}

function draftOf(text: string | null): KeptDraft | null {
  const kept = parsed(text);
  if (typeof kept !== 'object' || kept === null) return null;
  const draft = kept as Partial<Record<keyof KeptDraft, unknown>>;
  if (typeof draft.source !== 'string') return null;
  return { name: textOf(draft.name), source: draft.source, base: textOf(draft.base), config: configOf(draft.config), engine: draft.engine === 'browser' ? 'browser' : 'server', tab: textOf(draft.tab) };
}

const withoutTab = ({ name, source, base, config, engine }: KeptDraft): Draft => ({ name, source, base, config, engine });
let tab: string | undefined;
const thisTab = (): string => (tab ??= draftOf(ofTab())?.tab || `${new Date().toISOString()} ${Math.random()}`);

/** This tab's draft; of a new tab, the one that was written last in any. */
export function readDraft(): Draft | null {
  const found = draftOf(ofTab()) ?? draftOf(remembered(DRAFT));
  return found && withoutTab(found);
}

/** What another tab has written since `begun` (the source that this one began with) and keeping the draft would write over. */
export function ofOtherTab(draft: Draft, begun: string, list: readonly SavedStrategy[], label: string): SavedStrategy | null {
  const other = draftOf(remembered(DRAFT));
  if (!other || other.tab === thisTab() || other.source === begun || other.source === draft.source) return null;
  const lost = rescued(other, list, label, new Date());
  // One strategy for all that a tab writes: the later takes the place of the earlier.
  return lost && { ...lost, name: `${other.name || label} ${(other.tab || lost.savedAt).slice(0, 19).replace('T', ' ')}` };
}

/** False where the browser keeps nothing (a private window, a full disk). */
export function keepDraft(draft: Draft): boolean {
  const kept: KeptDraft = { ...draft, tab: thisTab() };
  keepForTab(JSON.stringify(kept));
  return keep(DRAFT, kept);
}

function keep(key: string, value: unknown): boolean {
  const text = JSON.stringify(value);
  remember(key, text);
  return remembered(key) === text;
}

export function readStrategies(): SavedStrategy[] {
  const kept = parsed(remembered('playground.strategies'));
  if (!Array.isArray(kept)) return [];
  const found: SavedStrategy[] = [];
  for (const item of kept as unknown[]) {
    if (typeof item !== 'object' || item === null) continue;
    const { name, source, config, savedAt, automatic } = item as Partial<Record<keyof SavedStrategy, unknown>>;
    if (typeof name !== 'string' || !name || typeof source !== 'string') continue;
    found.push({ name, source, config: configOf(config), savedAt: textOf(savedAt), automatic: automatic === true });
  }
  return found;
}

export const keepStrategies = (list: readonly SavedStrategy[]): boolean => keep('playground.strategies', list);

/** The list with a strategy in the place of the one of its name, newest first; of the automatic ones the latest stay. */
export function withStrategy(list: readonly SavedStrategy[], strategy: SavedStrategy): SavedStrategy[] {
  const next = [strategy, ...list.filter((item) => item.name !== strategy.name)];
  const old = next.filter((item) => item.automatic).slice(AUTOMATIC_MAX);
  return next.filter((item) => !old.includes(item));
}

export const withoutStrategy = (list: readonly SavedStrategy[], name: string): SavedStrategy[] => list.filter((item) => item.name !== name);

/** A new name for one; the list is as it was where the new name is taken or empty. */
export function renamed(list: readonly SavedStrategy[], name: string, next: string): SavedStrategy[] {
  const plain = next.trim();
  if (!plain || list.some((item) => item.name === plain)) return [...list];
  return list.map((item) => (item.name === name ? { ...item, name: plain, automatic: false } : item));
}

/** `name`, or `name 2`, `name 3`, ... whichever is free. */
export function freeName(list: readonly SavedStrategy[], name: string): string {
  const taken = new Set(list.map((item) => item.name));
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name} ${i}`;
  return free;
}

export const isChanged = (draft: Draft): boolean => draft.source !== draft.base;

/** What has to be kept before the draft is replaced; null: nothing would be lost. */
export function rescued(draft: Draft, list: readonly SavedStrategy[], label: string, now: Date): SavedStrategy | null {
  if (!isChanged(draft) || !draft.source.trim() || list.some((item) => item.source === draft.source)) return null;
  const name = freeName(list, `${draft.name || label} ${now.toISOString().slice(0, 16).replace('T', ' ')}`);
  return { name, source: draft.source, config: draft.config, savedAt: now.toISOString(), automatic: true };
}
