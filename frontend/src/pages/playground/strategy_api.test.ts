import { describe, expect, test } from 'vitest';
import reference from '../../../../strategies/kmill.py?raw';
import { builtins, entryOf, membersOf, ownerOf, strategyApi } from './strategy_api';
import { chineseHelp } from './strategy_api_zh';

/** `name: type = default` -> [name, default]. */
function parameters(signature: string): [string, string | undefined][] {
  const inside = /\(([^)]*)\)/.exec(signature)?.[1] ?? '';
  const parts = inside.split(',').map((part) => part.trim()).filter((part) => part && part !== 'self' && !part.startsWith('*'));
  return parts.map((part) => [(/^\w+/.exec(part) ?? [''])[0], part.split('=')[1]?.trim()]);
}

/** The body of a class of kmill.py. */
const classText = (name: string): string => reference.split(new RegExp(`^class ${name}\\b.*:$`, 'm'))[1]?.split(/^(?=class |def |# ----)/m)[0] ?? '';

test('every name that kmill.py exports is there, and no other', () => {
  const exported = [...(/__all__ = \[([^\]]*)\]/.exec(reference)?.[1] ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1]);
  expect(membersOf('').map((entry) => entry.name).sort()).toEqual([...exported].sort());
});

describe('signatures are those of kmill.py', () => {
  test.each(membersOf('').filter((entry) => entry.kind === 'function').map((entry) => [entry.name, entry.signature]))('%s', (name, signature) => {
    const definition = new RegExp(`^def ${name}(\\([^)]*\\)):`, 'm').exec(reference)?.[1] ?? '';
    expect(parameters(signature)).toEqual(parameters(definition));
  });
  test.each(['IStrategy', 'BacktestContext', 'KlineCache'].flatMap((owner) => membersOf(owner).filter((entry) => entry.kind === 'method').map((entry) => [owner, entry.name, entry.signature])))('%s.%s', (owner, name, signature) => {
    const definition = new RegExp(`^    def ${name}(\\([^)]*\\))`, 'm').exec(classText(owner))?.[1] ?? 'missing';
    expect(parameters(signature)).toEqual(parameters(definition));
  });
});

test('no public method of a class is left out', () => {
  for (const owner of ['IStrategy', 'BacktestContext', 'KlineCache']) {
    const defined = [...classText(owner).matchAll(/^    def ([a-z]\w*)/gm)].map((match) => match[1]);
    const known = new Set(membersOf(owner).map((entry) => entry.name));
    expect(defined.filter((name) => name && !known.has(name) && name !== 'kline_wnd_size')).toEqual([]);
  }
});

test('names are not there twice', () => {
  const all = strategyApi.map((entry) => `${entry.owner}.${entry.name}`);
  expect(new Set(all).size).toBe(all.length);
  expect(new Set(builtins).size).toBe(builtins.length);
});

test('every entry has its sentence in Chinese, with the same figures', () => {
  expect(Object.keys(chineseHelp).sort()).toEqual(strategyApi.map((entry) => `${entry.owner}.${entry.name}`).sort());
  const figures = (text: string) => (text.match(/\b\d[\d.]*\b(?!-)/g) ?? []).filter((figure) => figure !== '8601').sort();
  for (const entry of strategyApi) expect(figures(chineseHelp[`${entry.owner}.${entry.name}`] ?? ''), entry.name).toEqual(figures(entry.help));
});

test('what stands before the dot says whose member it is', () => {
  expect(ownerOf('x = self.kline_cache')).toBe('KlineCache');
  expect(ownerOf('cache')).toBe('KlineCache');
  expect(ownerOf('if context')).toBe('BacktestContext');
  expect(ownerOf('(kline')).toBe('Kline');
  expect(ownerOf('self')).toBe('IStrategy');
  expect(ownerOf('params')).toBe('params');
  expect(ownerOf('OrderSide')).toBe('OrderSide');
  expect(ownerOf('itself')).toBe('');
  expect(entryOf('close', 'kline')?.help).toBe('Closing price.');
  expect(entryOf('get_closes', 'whatever')?.owner).toBe('KlineCache');
  expect(entryOf('get', 'whatever')).toBeUndefined();
  expect(entryOf('run', null)?.owner).toBe('IStrategy');
});
