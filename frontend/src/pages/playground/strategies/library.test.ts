import { beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyDraft, freeName, keepDraft, keepStrategies, readDraft, readStrategies, renamed, rescued, withoutStrategy, withStrategy, type SavedStrategy } from './library';
import { defaultConfig } from '../config/config';

const saved = (name: string, source = name, automatic = false): SavedStrategy => ({ name, source, config: defaultConfig, savedAt: '2026-01-01T00:00:00.000Z', automatic });
const names = (list: readonly SavedStrategy[]) => list.map((item) => item.name);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

test('a draft is there again after it was kept', () => {
  expect(readDraft()).toBeNull();
  const draft = { ...emptyDraft, name: 'x', source: 'a\n', base: 'b\n', engine: 'browser' as const, config: { ...defaultConfig, symbol: 'BTCUSDT' } };
  expect(keepDraft(draft)).toBe(true);
  expect(readDraft()).toEqual(draft);
});

test('strategies are there again, and what is broken among them is left out', () => {
  expect(keepStrategies([saved('a'), saved('b')])).toBe(true);
  expect(readStrategies()).toEqual([saved('a'), saved('b')]);
  localStorage.setItem('kmill.playground.strategies', JSON.stringify([5, { name: 'x' }, null, saved('c')]));
  expect(names(readStrategies())).toEqual(['c']);
  for (const broken of ['{', '{}', 'null', '"x"']) {
    localStorage.setItem('kmill.playground.strategies', broken);
    localStorage.setItem('kmill.playground.draft', broken);
    sessionStorage.setItem('kmill.playground.draft', broken);
    expect([readStrategies(), readDraft()]).toEqual([[], null]);
  }
});

describe('two tabs', () => {
  /** The module as another tab loads it, with what that tab has kept for itself. */
  async function tab(own = new Map<string, string>()) {
    vi.resetModules();
    const library = await import('./library');
    const session = { getItem: (key: string) => own.get(key) ?? null, setItem: (key: string, text: string) => void own.set(key, text) };
    const inside = <T>(act: (loaded: typeof library) => T): T => {
      vi.stubGlobal('sessionStorage', session);
      try {
        return act(library);
      } finally {
        vi.unstubAllGlobals();
      }
    };
    return { own, inside };
  }
  const draft = (source: string) => ({ ...emptyDraft, source });

  test('a reload brings the own draft back; a new tab begins with the last one', async () => {
    const first = await tab();
    first.inside(({ keepDraft }) => keepDraft(draft('one')));
    const second = await tab();
    expect(second.inside(({ readDraft }) => readDraft()?.source)).toBe('one');
    second.inside(({ keepDraft }) => keepDraft(draft('two')));
    expect((await tab(first.own)).inside(({ readDraft }) => readDraft()?.source)).toBe('one');
    expect((await tab()).inside(({ readDraft }) => readDraft()?.source)).toBe('two');
  });

  test('what the other one wrote since is kept before it is written over', async () => {
    const first = await tab();
    first.inside(({ keepDraft }) => keepDraft(draft('one')));
    const second = await tab();
    const lost = (source: string, list: SavedStrategy[] = []) => second.inside(({ ofOtherTab }) => ofOtherTab(draft(source), 'one', list, 'Draft'));
    expect(lost('two')).toBeNull(); // this tab went on from there
    first.inside(({ keepDraft }) => keepDraft(draft('one more')));
    expect(lost('two')).toMatchObject({ source: 'one more', automatic: true, name: expect.stringMatching(/^Draft \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string });
    expect(lost('two', [saved('mine', 'one more')])).toBeNull();
    first.inside(({ keepDraft }) => keepDraft(draft('one more still')));
    expect(lost('two')?.name).toBe(lost('x')?.name); // the later takes the place of the earlier
    second.inside(({ keepDraft }) => keepDraft(draft('two')));
    expect(lost('two more')).toBeNull();
    first.inside(({ keepDraft }) => keepDraft({ ...draft('saved'), base: 'saved' }));
    expect(lost('two more')).toBeNull(); // nothing is lost
  });
});

test('a browser that keeps nothing says so', () => {
  const refuse = () => {
    throw new Error('quota');
  };
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: refuse, removeItem: refuse });
  expect(keepDraft(emptyDraft)).toBe(false);
  vi.unstubAllGlobals();
});

test('saving under a name that is there replaces it, newest first', () => {
  const list = withStrategy([saved('a'), saved('b')], saved('b', 'new'));
  expect(list).toEqual([saved('b', 'new'), saved('a')]);
  expect(names(withoutStrategy(list, 'b'))).toEqual(['a']);
});

test('of those kept by themselves the latest 20 stay, of the others all', () => {
  let list = [saved('mine')];
  for (let i = 0; i < 25; i++) list = withStrategy(list, saved(`auto ${i}`, `${i}`, true));
  expect(list.length).toBe(21);
  expect(list[0]?.name).toBe('auto 24');
  expect(list[19]?.name).toBe('auto 5');
  expect(list[20]?.name).toBe('mine');
});

test('a new name is taken once', () => {
  const list = [saved('a'), saved('b', 'b', true)];
  expect(names(renamed(list, 'b', ' c '))).toEqual(['a', 'c']);
  expect(renamed(list, 'b', 'c')[1]?.automatic).toBe(false);
  expect(renamed(list, 'b', 'a')).toEqual(list);
  expect(renamed(list, 'b', ' ')).toEqual(list);
  expect(freeName([saved('a'), saved('a 2')], 'a')).toBe('a 3');
});

test('a draft is rescued where it would be lost, and only there', () => {
  const now = new Date('2026-11-23T04:12:59Z');
  const draft = { ...emptyDraft, source: 'x', base: '' };
  expect(rescued(draft, [], 'Draft', now)).toEqual({ name: 'Draft 2026-11-23 04:12', source: 'x', config: defaultConfig, savedAt: '2026-11-23T04:12:59.000Z', automatic: true });
  expect(rescued({ ...draft, name: 'mine' }, [saved('mine 2026-11-23 04:12', 'y')], 'Draft', now)?.name).toBe('mine 2026-11-23 04:12 2');
  expect(rescued({ ...draft, base: 'x' }, [], 'Draft', now)).toBeNull();
  expect(rescued({ ...draft, source: ' \n' }, [], 'Draft', now)).toBeNull();
  expect(rescued(draft, [saved('same', 'x')], 'Draft', now)).toBeNull();
});
