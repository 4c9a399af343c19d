import { useEffect, useState } from 'react';
import type { Schemas } from '../../api/client';

/** The present time, each second while something runs. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  return now;
}

/** How long it took, or has been running; null: not started, or stopped nobody knows when. */
export function elapsedSeconds(sweep: Pick<Schemas['SweepSummary'], 'state' | 'started_at' | 'finished_at'>, now: number): number | null {
  const start = Date.parse(sweep.started_at ?? '');
  const end = sweep.state === 'running' ? now : Date.parse(sweep.finished_at ?? '');
  return Number.isNaN(start) || Number.isNaN(end) ? null : Math.max(0, (end - start) / 1000);
}
