// The page against a server of a million runs that answers from arithmetic: run n has fast = n % 10 and profitRate = 1 - n / 1e6.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { urgently } from '../../parts/url_state';
import { beforeEach, expect, it, vi } from 'vitest';
import SweepPage from './SweepPage';
import { testDetail } from './test_detail';

const TOTAL = 1_000_000;
let asked: URL[] = [];

function answer(url: URL): Response {
  if (url.pathname === '/api/v1/sweeps/small') return Response.json(testDetail({ done: TOTAL, total: TOTAL }));
  if (url.pathname !== '/api/v1/sweeps/small/runs') return Response.json({ detail: 'not found', error: { code: 'not_found', field: null, line: null, column: null } }, { status: 404 });
  if (url.searchParams.get('where') === 'nope > 1')
    return Response.json({ detail: "unknown name 'nope'", error: { code: 'invalid', field: 'where', line: 1, column: 1 } }, { status: 400 });
  const offset = Number(url.searchParams.get('offset'));
  const limit = Number(url.searchParams.get('limit'));
  const total = url.searchParams.has('min.profitRate') ? 0 : TOTAL;
  const columns = url.searchParams.get('columns')?.split(',') ?? ['run', 'status', 'average', 'fast', 'profitRate'];
  const numbers = Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => offset + i);
  const cell = (n: number, column: string) => ({ run: n, status: n % 4 === 3 ? 'failed' : 'done', average: 'ema', fast: n % 10, profitRate: 1 - n / 1e6 })[column] ?? null;
  const rows = numbers.map((n) => columns.map((column) => cell(n, column)));
  return Response.json({ total, offset, count: rows.length, columns, rows, ...(url.searchParams.has('sparkline') && { sparklines: numbers.map(() => [1, 2, 3]) }) });
}

beforeEach(() => {
  asked = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    asked.push(url);
    return answer(url);
  });
});

function show(address = '/sweeps/small') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  window.history.replaceState(null, '', address);
  const router = createBrowserRouter([
    { path: '/sweeps/:id', element: <SweepPage /> },
    { path: '/sweeps/:id/runs/:run', element: <p>one run</p> },
  ]);
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} flushSync={urgently} />
    </QueryClientProvider>,
  );
  return router;
}
const rows = () => [...document.querySelectorAll('.runs-row')];
const shown = async () => waitFor(() => expect(rows()[0]?.textContent).toContain('ema'));
const header = (name: string) => screen.getByRole('columnheader', { name: new RegExp(`^${name}\\b`) });
const lastRuns = () => asked.filter((url) => url.pathname.endsWith('/runs') && !url.searchParams.has('sparkline')).at(-1)!.searchParams;

it('draws the rows in view of a million, from the first page', async () => {
  show();
  await shown();
  expect(rows().length).toBeLessThan(60);
  expect(screen.getByRole('grid').getAttribute('aria-rowcount')).toBe('1000001');
  expect(rows()[1]!.textContent).toContain('100.00 %');
  const pages = asked.filter((url) => url.searchParams.get('limit') === '200');
  expect(pages.map((url) => url.searchParams.get('offset'))).toEqual(['0']);
});

it('asks for the curves of the rows in view after the rows', async () => {
  show();
  await waitFor(() => expect(screen.getAllByLabelText(/^Equity of run/).length).toBeGreaterThan(5));
  const curves = asked.filter((url) => url.searchParams.get('sparkline') === 'true');
  expect(curves.map((url) => url.searchParams.get('limit'))).toEqual(['50']);
});

it('sorts by a click, and by a second column with shift', async () => {
  const router = show();
  await shown();
  fireEvent.click(within(header('profitRate')).getByRole('button'));
  await waitFor(() => expect(lastRuns().get('sort')).toBe('-profitRate'));
  fireEvent.click(within(header('fast')).getByRole('button'), { shiftKey: true });
  await waitFor(() => expect(lastRuns().get('sort')).toBe('-profitRate,fast'));
  expect(router.state.location.search).toBe('?sort=-profitRate%2Cfast');
  expect(header('fast').getAttribute('aria-sort')).toBe('ascending');
  expect(header('fast').textContent).toContain('2');
});

it('filters by a bound in the unit of the column; none left says so and offers to clear', async () => {
  const router = show();
  await shown();
  const field = screen.getByLabelText('profitRate at least');
  fireEvent.change(field, { target: { value: '150' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() => expect(lastRuns().get('min.profitRate')).toBe('1.5'));
  await screen.findByText('No run passes the filter');
  expect(screen.getByText('profitRate ≥ 150 %')).toBeTruthy();
  fireEvent.click(screen.getAllByText('Clear all filters')[0]!);
  await waitFor(() => expect(router.state.location.search).toBe(''));
});

it('a bound that is no number is marked and not sent', async () => {
  const router = show();
  await shown();
  const field = screen.getByLabelText('fast at most');
  fireEvent.change(field, { target: { value: 'many' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(router.state.location.search).toBe('');
});

it('a text column filters by one of its values', async () => {
  show();
  await shown();
  fireEvent.change(await screen.findByRole('combobox', { name: 'average is' }), { target: { value: 'sma' } });
  await waitFor(() => expect(lastRuns().get('fixed.average')).toBe('sma'));
});

it('a condition the server does not take is said at its field, and the rows stay', async () => {
  show();
  await shown();
  const field = screen.getByLabelText('Condition');
  fireEvent.change(field, { target: { value: 'nope > 1' } });
  fireEvent.keyDown(field, { key: 'Enter' });
  expect((await screen.findByRole('alert')).textContent).toBe("Column 1: unknown name 'nope'");
  expect(field.getAttribute('aria-invalid')).toBe('true');
  expect(rows()[0]!.textContent).toContain('ema');
});

it('moves by arrow keys, selects by the space bar, opens by Enter', async () => {
  const router = show();
  await shown();
  const grid = screen.getByRole('grid');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', ' ']) fireEvent.keyDown(grid, { key });
  await waitFor(() => expect(router.state.location.search).toBe('?compare=2'));
  expect(grid.getAttribute('aria-activedescendant')).toBe('run-row-2');
  fireEvent.keyDown(grid, { key: 'Enter' });
  await screen.findByText('one run');
  expect(router.state.location.pathname).toBe('/sweeps/small/runs/2');
});

it('End asks for the last page only', async () => {
  show();
  await shown();
  fireEvent.keyDown(screen.getByRole('grid'), { key: 'End' });
  await waitFor(() => expect(lastRuns().get('offset')).toBe('999800'));
  await waitFor(() => expect(document.getElementById('run-row-999999')?.textContent).toContain('999999'));
});

it('chooses columns, and says so in the address', async () => {
  const router = show();
  await shown();
  fireEvent.click(await screen.findByRole('button', { name: /^Columns/ }));
  fireEvent.change(screen.getByLabelText('Search columns'), { target: { value: 'drawdown' } });
  fireEvent.click(screen.getByRole('checkbox', { name: 'maxDrawdown' }));
  await waitFor(() => expect(router.state.location.search).toBe('?columns=average%2Cfast%2CprofitRate%2CmaxDrawdown'));
  expect(lastRuns().get('columns')).toBe('run,status,average,fast,profitRate,maxDrawdown');
  act(() => screen.getByLabelText('Search columns').focus());
  fireEvent.keyDown(screen.getByLabelText('Search columns'), { key: 'Escape' });
  expect(screen.queryByRole('dialog')).toBeNull();
});

it('a link shows the same view again', async () => {
  show('/sweeps/small?sort=-fast&where=fast+%3E+2&max.profitRate=0.5&status=done&compare=1,2&columns=fast');
  await waitFor(() => expect(Object.fromEntries(lastRuns())).toMatchObject({ sort: '-fast', where: 'fast > 2', 'max.profitRate': '0.5', status: 'done', columns: 'run,status,fast' }));
  await screen.findByText('#2');
  expect((screen.getByLabelText('Condition') as HTMLInputElement).value).toBe('fast > 2');
});

it('a link with a mistake says it, and the table can be reset', async () => {
  const router = show('/sweeps/small?where=nope+%3E+1&sort=-fast&columns=fast');
  fireEvent.click(await screen.findByRole('button', { name: 'Reset the table' }));
  await shown();
  expect(router.state.location.search).toBe('');
});

it('a sweep that is not there says so', async () => {
  show('/sweeps/gone');
  await screen.findByText('There is no sweep gone');
});
