import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { patched, urgently, useUrlState } from './url_state';

function Page() {
  const [params, change] = useUrlState();
  return (
    <>
      <input type="checkbox" aria-label="all" checked={params.get('all') === '1'} onChange={(event) => change({ all: event.target.checked ? '1' : null })} />
      <button
        onClick={() => {
          change({ a: '1' });
          change({ b: ['2', '3'] }, { replace: true });
        }}
      >
        both
      </button>
    </>
  );
}

beforeEach(() => window.history.replaceState(null, '', '/here?kept=yes'));
afterEach(cleanup);
const show = () => render(<RouterProvider router={createBrowserRouter([{ path: '/here', element: <Page /> }])} flushSync={urgently} />);

it('patches: nothing and the empty text remove, a list stands several times', () => {
  const from = new URLSearchParams('a=1&b=2&c=3');
  expect(patched(from, { a: null, b: '', c: ['4', '5'], d: undefined }).toString()).toBe('c=4&c=5');
  expect(from.toString()).toBe('a=1&b=2&c=3');
});

it('two changes in one event both count', () => {
  show();
  fireEvent.click(screen.getByText('both'));
  expect(window.location.search).toBe('?kept=yes&a=1&b=2&b=3');
});

it('a box shows what was chosen as soon as the event is over, not a moment later', () => {
  show();
  const box = screen.getByLabelText<HTMLInputElement>('all');
  box.click(); // a native click, outside act(): nothing but React's own flush at the end of the event
  expect(box.checked).toBe(true);
  expect(window.location.search).toBe('?kept=yes&all=1');
});
