// Cancel and resume, of sweeps that were posted to this server.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, data, errorText, type Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { withSummary } from '../../api/live';

type Summary = Schemas['SweepSummary'];

export function SweepActions({ sweep }: { sweep: Summary }) {
  const t = useT();
  const client = useQueryClient();
  const params = { params: { path: { id: sweep.id } } };
  const act = useMutation({
    mutationFn: (what: 'cancel' | 'resume') => data<Summary>(what === 'cancel' ? api.DELETE('/api/v1/sweeps/{id}', params) : api.POST('/api/v1/sweeps/{id}/resume', params)),
    onSuccess: (summary) => {
      client.setQueryData<Schemas['SweepList']>(['sweeps'], (list) => list && withSummary(list, summary));
      void client.invalidateQueries({ queryKey: ['sweep', sweep.id] });
    },
  });
  const isGoing = sweep.state === 'running' || sweep.state === 'queued';
  if (!sweep.own || (!isGoing && sweep.state !== 'interrupted')) return null;
  return (
    <>
      <button type="button" className={isGoing ? 'danger' : undefined} disabled={act.isPending} onClick={() => act.mutate(isGoing ? 'cancel' : 'resume')} aria-label={`${t(isGoing ? 'action.cancel' : 'sweeps.resume')}: ${sweep.name}`}>
        {t(isGoing ? 'action.cancel' : 'sweeps.resume')}
      </button>
      {act.error && (
        <span className="down" role="alert">
          {errorText(act.error)}
        </span>
      )}
    </>
  );
}
