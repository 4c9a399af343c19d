import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { tokenKeeper } from '../api/token';
import { I18nProvider } from '../i18n';
import { TokenSwitch } from './TokenSwitch';

const RIGHT = 'right-right-right';

function server(token: string | null) {
  vi.stubGlobal('fetch', async (request: Request) =>
    token === null || request.headers.get('Authorization') === `Bearer ${token}`
      ? Response.json({ problems: [] })
      : Response.json({ detail: 'the token is wrong', error: { code: 'unauthorized' } }, { status: 401 }),
  );
}
const shown = () =>
  render(
    <I18nProvider>
      <TokenSwitch />
    </I18nProvider>,
  );
const lock = (state: string) => screen.findByRole('button', { name: `Token: ${state}` });

beforeEach(() => {
  tokenKeeper.forget();
  tokenKeeper.wanted(false);
});
afterEach(() => {
  tokenKeeper.close(false);
  vi.unstubAllGlobals();
});

it('tells a wrong token, takes the right one, and forgets it', async () => {
  server(RIGHT);
  shown();
  fireEvent.click(await lock('none'));
  const field = await screen.findByLabelText('Token');
  await lock('this server wants one'); // it was asked when the dialog was opened
  expect(field.getAttribute('type')).toBe('password');
  fireEvent.change(field, { target: { value: 'wrong-wrong-wrong' } });
  fireEvent.click(screen.getByRole('button', { name: 'Use this token' }));
  await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('That token is wrong'));
  expect(field.getAttribute('aria-invalid')).toBe('true');
  fireEvent.change(field, { target: { value: ` ${RIGHT}\n` } });
  expect(screen.getByRole('alert').textContent).toBe('');
  fireEvent.click(screen.getByLabelText(/Remember in this browser/));
  fireEvent.click(screen.getByRole('button', { name: 'Use this token' }));
  fireEvent.click(await lock('kept in this browser'));
  expect(screen.queryByRole('dialog')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Forget it' }));
  expect(tokenKeeper.value).toBe(null);
  expect(localStorage.getItem('kmill.token')).toBe(null);
});

it('says where no token is wanted', async () => {
  server(null);
  shown();
  fireEvent.click(await lock('none'));
  expect(await screen.findByText(/has no token and wants none/)).toBeTruthy();
  expect(screen.queryByLabelText('Token')).toBe(null);
});

it('lets go on what waits for the token', async () => {
  server(RIGHT);
  shown();
  const given = tokenKeeper.ask();
  fireEvent.change(await screen.findByLabelText('Token'), { target: { value: RIGHT } });
  fireEvent.click(screen.getByRole('button', { name: 'Use this token' }));
  expect(await given).toBe(true);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBe(null));
  expect(sessionStorage.getItem('kmill.token')).toBe(RIGHT);
});
