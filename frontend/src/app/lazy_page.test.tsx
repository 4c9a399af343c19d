import { render, screen } from '@testing-library/react';
import { Suspense } from 'react';
import { expect, it, vi } from 'vitest';

const { Page } = vi.hoisted(() => ({ Page: () => 'the page' }));
vi.mock('../pages/docs/DocsPage', () => ({ default: Page }));

vi.stubGlobal('fetch', async () => Response.json({})); // the first load asks at once

it('a page that is there already is drawn at once, another after "Loading…"', async () => {
  const { fetchPage } = await import('./first_load');
  const { lazyPage } = await import('./lazy_page');
  const Before = lazyPage('docs');
  const shown = render(
    <Suspense fallback="Loading…">
      <Before />
    </Suspense>,
  );
  expect(screen.queryByText('Loading…')).toBeTruthy();
  await screen.findByText('the page');
  shown.unmount();
  await fetchPage('docs');
  const After = lazyPage('docs');
  render(
    <Suspense fallback="Loading…">
      <After />
    </Suspense>,
  );
  expect(screen.queryByText('the page')).toBeTruthy();
});
