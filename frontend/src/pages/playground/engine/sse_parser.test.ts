import { describe, expect, test } from 'vitest';
import { SseParser } from './sse_parser';

const stream = 'event: started\ndata: {"id": "a"}\n\n: still here\n\nevent: progress\ndata: {"bars":1,"total":2}\n\ndata: one\ndata:two\nid: 7\nretry: 5\n\n';
const events = [
  { event: 'started', data: '{"id": "a"}' },
  { event: 'progress', data: '{"bars":1,"total":2}' },
  { event: 'message', data: 'one\ntwo' },
];

describe('events come out whole however the stream is cut', () => {
  test.each([1, 2, 3, 7, 1000])('in pieces of %i', (size) => {
    const parser = new SseParser();
    const found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...parser.push(stream.slice(at, at + size)));
    expect(found).toEqual(events);
  });
  test.each([1, 2, 5, 1000])('with lines that end in CR LF, in pieces of %i', (size) => {
    const parser = new SseParser();
    const text = stream.replaceAll('\n', '\r\n');
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)));
    expect(found).toEqual(events);
  });
});

test('an event that is not ended is not given', () => {
  const parser = new SseParser();
  expect(parser.push('event: result\ndata: {"a":1}\n')).toEqual([]);
  expect(parser.push('\n')).toEqual([{ event: 'result', data: '{"a":1}' }]);
});

test('a comment or a name without data is no event', () => {
  expect(new SseParser().push(':\n\nevent: progress\n\ndata\n\n')).toEqual([{ event: 'message', data: '' }]);
});

test('nothing is carried over from one event to the next', () => {
  expect(new SseParser().push('event: error\ndata: 1\n\ndata: 2\n\n')).toEqual([{ event: 'error', data: '1' }, { event: 'message', data: '2' }]);
});

test('an empty piece between CR and LF makes no line of its own', () => {
  const parser = new SseParser();
  expect([...parser.push('data: 1\r'), ...parser.push(''), ...parser.push('\n\r'), ...parser.push('\n')]).toEqual([{ event: 'message', data: '1' }]);
});
