import { useT } from '../../i18n';

const KEYS = { done: 'sweep.status.done', failed: 'sweep.status.failed', 'time limit': 'sweep.status.time', 'memory limit': 'sweep.status.memory', crashed: 'sweep.status.crashed' } as const;
export const statusKey = (status: string) => (Object.hasOwn(KEYS, status) ? KEYS[status as keyof typeof KEYS] : undefined);

export function StatusBadge({ status }: { status: string }) {
  const t = useT();
  const key = statusKey(status);
  return <span className={status === 'done' ? 'run-status' : 'run-status run-status-bad'}>{key ? t(key) : status}</span>;
}
