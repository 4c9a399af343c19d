import { CompletionContext } from '@codemirror/autocomplete';
import { python } from '@codemirror/lang-python';
import { EditorState, Text } from '@codemirror/state';
import { render } from '@testing-library/react';
import { createElement } from 'react';
import { expect, test } from 'vitest';
import { remember } from '../../../app/remember';
import { I18nProvider } from '../../../i18n';
import { entryAt, strategyCompletion } from './api_help';
import { diagnosticOf } from './marks';

const stateOf = (doc: string) => EditorState.create({ doc, extensions: [python()] });
const labels = (doc: string, explicit = false) => strategyCompletion(new CompletionContext(stateOf(doc), doc.length, explicit))?.options.map((option) => option.label) ?? [];

test('after a dot come the members of what stands before it', () => {
  expect(labels('context.')).toContain('sell_all');
  expect(labels('context.')).not.toContain('get_closes');
  expect(labels('self.kline_cache.get_')).toContain('get_closes');
  expect(labels('kline.')).toEqual(['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time']);
  expect(labels('whatever.')).toEqual([]);
});

test('self has what the strategy keeps in it', () => {
  expect(labels('self.entry = 1\nself.')).toEqual(expect.arrayContaining(['kline_cache', 'entry']));
  expect(labels('self.entry = 1\nself.').filter((label) => label === 'kline_cache')).toHaveLength(1);
});

test('words complete to the API, to built-ins and to names of the file', () => {
  expect(labels('lookback = 3\nx = lo')).toEqual(expect.arrayContaining(['calculate_sma', 'len', 'lookback']));
  expect(labels('')).toEqual([]);
  expect(labels('', true)).toContain('IStrategy');
});

test('def within a class offers the methods that are called', () => {
  expect(labels('class Strategy(IStrategy):\n    def o')).toEqual(['def initialize', 'def run', 'def on_trade', 'def on_day_end']);
});

test('strings and comments are left alone', () => {
  expect(labels("x = 'context.")).toEqual([]);
  expect(labels('# context.')).toEqual([]);
});

test('help is given for the word under the mouse', () => {
  const doc = 'amount = context.balance / kline.close';
  expect(entryAt(stateOf(doc), doc.indexOf('balance') + 2)?.entry.signature).toBe('context.balance: Decimal');
  expect(entryAt(stateOf(doc), 2)).toBeNull();
});

test('its sentence is in the language of the pages', () => {
  const info = () => strategyCompletion(new CompletionContext(stateOf('context.'), 8, false))?.options.find((option) => option.label === 'sell_all')?.info;
  expect(info()).toBe('context.sell_all(price: float, timestamp: str) -> bool\nSells exactly the position.');
  remember('language', 'zh');
  render(createElement(I18nProvider, null, null));
  expect(info()).toBe('context.sell_all(price: float, timestamp: str) -> bool\n恰好卖出全部持仓。');
  remember('language', 'en');
  render(createElement(I18nProvider, null, null));
  expect(info()).toContain('Sells exactly');
});

test('a mark covers the word at its column, or its line; a place beyond the text is its last line', () => {
  const doc = Text.of(['class A:', '    x = über + y', '']);
  const cut = (line: number | null, column: number | null) => {
    const { from, to } = diagnosticOf(doc, { line, column, message: 'm', severity: 'error' });
    return doc.sliceString(from, to);
  };
  expect([cut(2, 5), cut(2, 9), cut(2, null), cut(1, 1), cut(99, 3), cut(null, null)]).toEqual(['x', 'über', 'x = über + y', 'class', '', 'class A:']);
});
