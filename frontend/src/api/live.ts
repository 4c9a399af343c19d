// Keeps what is shown of sweeps up to date: every event goes straight into the query cache.
import { useEffect } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { events, type ServerEvent } from './events';
import type { Schemas } from './client';

type Summary = Schemas['SweepSummary'];
interface SweepList {
  sweeps: Summary[];
}

/** The list with one summary put in its place, or in front when it is new. */
export function withSummary(list: SweepList, summary: Summary): SweepList {
  const at = list.sweeps.findIndex((sweep) => sweep.id === summary.id);
  return { ...list, sweeps: at < 0 ? [summary, ...list.sweeps] : list.sweeps.with(at, summary) };
}

export function useLiveSweeps(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      events.subscribe(({ event, data }: ServerEvent) => {
        if (event === 'sweep') {
          const summary = data as Summary;
          client.setQueryData<SweepList>(['sweeps'], (list) => list && withSummary(list, summary));
          client.setQueryData<Schemas['SweepDetail']>(['sweep', summary.id], (sweep) => sweep && { ...sweep, ...summary });
          void client.invalidateQueries({ queryKey: ['sweep', summary.id], refetchType: summary.state === 'running' ? 'none' : 'active' });
        } else if (event === 'sweep_removed') {
          const { id } = data as { id: string };
          client.setQueryData<SweepList>(['sweeps'], (list) => list && { ...list, sweeps: list.sweeps.filter((sweep) => sweep.id !== id) });
        } else if (event === 'series') {
          void client.invalidateQueries({ queryKey: ['series'] });
        } else if (event === 'reset') {
          void client.invalidateQueries();
        }
      }),
    [client],
  );
}
