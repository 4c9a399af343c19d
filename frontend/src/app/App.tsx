import { QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { createBrowserRouter, Navigate, RouterProvider } from 'react-router';
import { queryClient } from '../api/query_client';
import { I18nProvider } from '../i18n';
import { Loading } from '../parts/states';
import { urgently } from '../parts/url_state';
import { lazyPage } from './lazy_page';
import { NotFound } from './NotFound';
import { pageRoutes } from './page_files';
import { PageError } from './PageError';
import { Shell } from './Shell';
import { ThemeProvider } from './theme';

const routed = pageRoutes.map(({ path, page }) => {
  const Page = lazyPage(page);
  const element = (
    <Suspense fallback={<Loading />}>
      <Page />
    </Suspense>
  );
  return { path, element };
});

const router = createBrowserRouter([
  {
    element: <Shell />,
    errorElement: <PageError />,
    children: [
      {
        errorElement: <PageError />, // of a page: the frame around it stays
        children: [
          { index: true, element: <Navigate to="/sweeps" replace /> },
          ...routed,
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
