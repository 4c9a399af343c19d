import { QueryClient } from '@tanstack/react-query';

// Answers carry ETags: asking again is cheap, so nothing is trusted for long; errors are shown, not retried in silence
// (the connection banner looks after a server that is away).
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: false, refetchOnWindowFocus: true, networkMode: 'always' } },
});
