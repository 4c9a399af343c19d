import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import { Profiler } from 'react';
import { MemoryRouter } from 'react-router';
import { afterEach, expect, it, vi } from 'vitest';
import type { Schemas } from '../../api/client';
import { testDetail } from '../sweep/test_detail';
import { SweepsTable } from './SweepsTable';

const running = (done: number): Schemas['SweepSummary'] => testDetail({ id: 'now', name: 'now', state: 'running', done, total: 400, finished_at: null, runs_per_second: 12.5, seconds_left: 65, own: true });

const table = (sweeps: Schemas['SweepSummary'][], sort: string | null = null) => (
  <QueryClientProvider client={new QueryClient()}>
    <MemoryRouter>
      <SweepsTable sweeps={sweeps} sort={sort} setSort={() => undefined} />
    </MemoryRouter>
  </QueryClientProvider>
);
afterEach(() => vi.useRealTimers());

it('shows how far a running sweep is, its rate and the time left', () => {
  render(table([running(100)]));
  expect(screen.getByText('100 / 400').textContent).toBe('100 / 400 · 25 %');
  expect(screen.getByText('12.5 runs/s · 1 min 5 s left')).toBeTruthy();
  expect(screen.getByRole('progressbar').getAttribute('value')).toBe('0.25');
});

it('keeps its links when runs come and seconds pass: what is being clicked stays', () => {
  vi.useFakeTimers();
  const { rerender } = render(table([running(100)]));
  const link = screen.getByRole('link', { name: 'now' });
  rerender(table([running(150)]));
  act(() => vi.advanceTimersByTime(3000));
  expect(screen.getByRole('link', { name: 'now' })).toBe(link);
});

it('is drawn for what comes, and then rests', async () => {
  const commits = vi.fn();
  const tree = (done: number) => (
    <Profiler id="table" onRender={commits}>
      {table([testDetail({ done })])}
    </Profiler>
  );
  const { rerender } = render(tree(1));
  const pause = () => act(() => new Promise((resolve) => setTimeout(resolve, 100)));
  await pause();
  rerender(tree(2));
  await pause();
  const before = commits.mock.calls.length;
  await pause();
  expect(commits.mock.calls.length).toBe(before);
});

it('an estimated number of runs is said to be one; one that waits has none', () => {
  render(table([{ ...running(100), total_exact: false }, testDetail({ id: 'later', name: 'later', state: 'queued', done: 0, total: null, total_exact: false, best: null })]));
  expect(screen.getByText(/≈ 400/)).toBeTruthy();
  expect(document.querySelector('[data-sweep=later] .progress-text')?.textContent).toBe('–');
});

it('only what was posted to this server can be cancelled or resumed', () => {
  render(table([running(1), { ...running(1), id: 'other', name: 'other', own: false }, { ...running(1), id: 'half', name: 'half', state: 'interrupted' }, testDetail({ own: true })]));
  expect(screen.getAllByRole('button', { name: /Cancel|Resume/ }).map((button) => button.getAttribute('aria-label'))).toEqual(['Cancel: now', 'Resume: half']);
});

it('sorts; what has no value comes last either way', () => {
  const sweeps = [testDetail({ id: 'none', name: 'none', best: null }), testDetail({ id: 'low', name: 'low', best: { run: 1, value: 1, params: {} } }), testDetail({ id: 'high', name: 'high', best: { run: 1, value: 2, params: {} } })];
  const order = () => [...document.querySelectorAll('[data-sweep]')].map((row) => row.getAttribute('data-sweep'));
  const { rerender } = render(table(sweeps, '-best'));
  expect(order()).toEqual(['high', 'low', 'none']);
  rerender(table(sweeps, 'best'));
  expect(order()).toEqual(['low', 'high', 'none']);
});
