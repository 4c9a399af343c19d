import { describe, expect, test } from 'vitest';
import { detectParameters, literal, missingParameters, numberText, parametersJson, rowOf, valueText } from './parameters';

describe('what a strategy asks for is found in its source', () => {
  test('names and defaults, in their order, each once', () => {
    const source = `
class Strategy(IStrategy):
    def run(self, context, kline, params):
        fast = params.get('fast_period', 10)
        slow = params.get("slow_period" , 30)
        stop = params.get('stop_loss', -0.03) + params.get('fast_period', 99)
        on = params.get('enabled', True)
        mode = params.get('mode', 'a, b')
        window = params.get('klineWndSize', 50)
`;
    expect(detectParameters(source)).toEqual([
      { name: 'fast_period', kind: 'int', text: '10' },
      { name: 'slow_period', kind: 'int', text: '30' },
      { name: 'stop_loss', kind: 'float', text: '-0.03' },
      { name: 'enabled', kind: 'bool', text: 'true' },
      { name: 'mode', kind: 'text', text: 'a, b' },
    ]);
  });
  test('params[...] and defaults that are expressions are names without a value', () => {
    expect(detectParameters("x = params['k'] + params.get('n', 2 * 3) + params.get('m')")).toEqual([
      { name: 'k', kind: 'float', text: '' },
      { name: 'n', kind: 'float', text: '' },
      { name: 'm', kind: 'float', text: '' },
    ]);
  });
  test('a default that comes later fills in a name without one', () => {
    expect(detectParameters("if 'k' in params: params['k']\nk = params.get('k', 7)")).toEqual([{ name: 'k', kind: 'int', text: '7' }]);
  });
  test('comments and docstrings are no code, # in a string is no comment', () => {
    const source = `"""params.get('doc', 1)"""\n# params.get('comment', 1)\nx = '#'; y = params.get('real', 1)\n`;
    expect(detectParameters(source).map(({ name }) => name)).toEqual(['real']);
  });
  test('other dictionaries are not the parameters', () => {
    expect(detectParameters("myparams.get('x', 1); trade['y']")).toEqual([]);
  });
  test('only what has no row yet is suggested', () => {
    expect(missingParameters("params.get('a', 1); params.get('b', 2)", [{ name: 'a', kind: 'int', text: '5' }])).toEqual([{ name: 'b', kind: 'int', text: '2' }]);
  });
});

test('literals of Python', () => {
  expect(literal('1_000')).toEqual({ kind: 'int', text: '1000' });
  expect(literal('+5')).toEqual({ kind: 'int', text: '5' });
  expect(literal('1e-3')).toEqual({ kind: 'float', text: '1e-3' });
  expect(literal('.5')).toEqual({ kind: 'float', text: '.5' });
  expect(literal('2.')).toEqual({ kind: 'float', text: '2.' });
  expect(literal('"x"')).toEqual({ kind: 'text', text: 'x' });
  expect(literal('x')).toBeNull();
  expect(literal('[1]')).toBeNull();
  expect(literal('')).toBeNull();
});

test('numbers keep their digits and their kind', () => {
  const ints: [string, string | null][] = [['10', '10'], ['-0', '0'], ['007', '7'], ['+3', '3'], ['9007199254740993', '9007199254740993'], ['1.0', null], ['', null], ['1e3', null], ['x', null]];
  for (const [text, expected] of ints) expect([text, numberText('int', text)]).toEqual([text, expected]);
  const floats: [string, string | null][] = [['2', '2.0'], ['.5', '0.5'], ['5.', '5.0'], ['-0.030', '-0.030'], ['1e-3', '1.0e-3'], ['1E5', '1.0e5'], ['0.1000000000000000055', '0.1000000000000000055'], ['1e999', null], ['.', null], ['-', null], ['e5', null], ['1,5', null], ['', null]];
  for (const [text, expected] of floats) expect([text, numberText('float', text)]).toEqual([text, expected]);
});

test('a value that does not fit its kind has no text', () => {
  expect(valueText({ kind: 'int', text: '1.5' })).toBeNull();
  expect(valueText({ kind: 'bool', text: 'yes' })).toBeNull();
  expect(valueText({ kind: 'text', text: 'a "b"' })).toBe('"a \\"b\\""');
});

test('the body keeps 2.0 a float and puts the window first', () => {
  const rows = [rowOf('k', 2, 'float'), rowOf('n', 3, 'int'), rowOf('on', true), rowOf('mode', 'x')];
  expect(rows.map(({ kind, text }) => [kind, text])).toEqual([['float', '2.0'], ['int', '3'], ['bool', 'true'], ['text', 'x']]);
  expect(parametersJson('60', rows)).toBe('{"klineWndSize":60,"k":2.0,"n":3,"on":true,"mode":"x"}');
});

test('a whole number has at most 64 bits, as the engine', () => {
  expect([numberText('int', '9223372036854775807'), numberText('int', '-9223372036854775808')]).toEqual(['9223372036854775807', '-9223372036854775808']);
  expect([numberText('int', '9223372036854775808'), numberText('int', '-9223372036854775809'), numberText('int', '9'.repeat(30))]).toEqual([null, null, null]);
});
