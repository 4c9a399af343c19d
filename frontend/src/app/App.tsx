import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router';
import { queryClient } from '../api/query_client';
import { I18nProvider } from '../i18n';
import { Loading } from '../parts/states';
import { urgently } from '../parts/url_state';
import { lazyPage } from './lazy_page';
import { NotFound } from './NotFound';
import { PageError } from './PageError';
import { Shell } from './Shell';
import { ThemeProvider } from './theme';

const SweepsPage = lazyPage(() => import('../pages/sweeps/SweepsPage'));
const SweepPage = lazyPage(() => import('../pages/sweep/SweepPage'));
const RunPage = lazyPage(() => import('../pages/run/RunPage'));
const PlaygroundPage = lazyPage(() => import('../pages/playground/PlaygroundPage'));
const DataPage = lazyPage(() => import('../pages/data/DataPage'));
const SeriesPage = lazyPage(() => import('../pages/data/SeriesPage'));
const DocsPage = lazyPage(() => import('../pages/docs/DocsPage'));

const page = (Page: React.ComponentType) => (
  <Suspense fallback={<Loading />}>
    <Page />
  </Suspense>
);

const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <PageError />,
    children: [
      {
        errorElement: <PageError />, // of a page: the frame around it stays
        children: [
          { index: true, element: <Navigate to="/sweeps" replace /> },
          { path: 'sweeps', element: page(SweepsPage) },
          { path: 'sweeps/:id', element: page(SweepPage) },
          { path: 'sweeps/:id/runs/:run', element: page(RunPage) },
          { path: 'playground', element: page(PlaygroundPage) },
          { path: 'data', element: page(DataPage) },
          { path: 'data/:symbol/:interval', element: page(SeriesPage) },
          { path: 'docs', element: page(DocsPage) },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
]);

export function App() {
  return (
    <ThemeProvider>
      <I18nProvider>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} flushSync={urgently} />
        </QueryClientProvider>
      </I18nProvider>
    </ThemeProvider>
  );
}
