import { expect, test } from 'vitest';
import { TerminalBuffer } from './terminal_buffer';

const make = (limit?: number) => new TerminalBuffer(limit, (act) => act());
const texts = (buffer: TerminalBuffer) => buffer.snapshot().map((line) => line.text);

test('printed pieces are joined to lines', () => {
  const buffer = make();
  buffer.print('a');
  buffer.print('b\nc\n');
  buffer.print('');
  buffer.print('\nd');
  expect(texts(buffer)).toEqual(['ab', 'c', '', 'd']);
});

test('what is said begins a line of its own', () => {
  const buffer = make();
  buffer.print('no end');
  buffer.say('error', 'first\nsecond\n');
  buffer.print('next\n');
  expect(buffer.snapshot().map(({ kind, text }) => [kind, text])).toEqual([['out', 'no end'], ['error', 'first'], ['error', 'second'], ['out', 'next']]);
});

test('only the last lines are kept, and long ones are cut', () => {
  const buffer = make(3);
  for (let i = 0; i < 10; i++) buffer.print(`${i}\n`);
  expect(texts(buffer)).toEqual(['7', '8', '9']);
  buffer.print('x'.repeat(5000));
  expect(texts(buffer).at(-1)?.length).toBe(2001);
});

test('listeners hear once a frame', () => {
  const frames: (() => void)[] = [];
  const buffer = new TerminalBuffer(10, (act) => frames.push(act));
  let heard = 0;
  buffer.subscribe(() => heard++);
  buffer.print('a\n');
  buffer.print('b\n');
  expect([heard, frames.length, texts(buffer)]).toEqual([0, 1, []]);
  frames[0]?.();
  expect([heard, texts(buffer)]).toEqual([1, ['a', 'b']]);
  buffer.clear();
  frames[1]?.();
  expect(texts(buffer)).toEqual([]);
});
