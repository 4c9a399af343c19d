// While a sweep runs its rows and views are asked for anew when runs came, but at most every few seconds; and once more when it ends.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../../api/client';

const EVERY_MS = 3_000;

export function useLiveRuns(id: string, summary: Schemas['SweepSummary'] | undefined): void {
  const client = useQueryClient();
  const progress = summary && `${summary.state}:${summary.done}`;
  const isRunning = summary?.state === 'running';
  const shown = useRef(progress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    shown.current ??= progress;
    if (progress === shown.current) return;
    const refresh = () => {
      timer.current = undefined;
      shown.current = progress;
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === id });
    };
    if (isRunning) timer.current ??= setTimeout(refresh, EVERY_MS);
    else {
      clearTimeout(timer.current);
      refresh();
    }
  }, [client, id, progress, isRunning]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
