// A sweep: what it is, how far it is, and its runs, looked at in several ways that share one filter (the address has it).
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams } from 'react-router';
import { api, ApiError, data, type Schemas } from '../../api/client';
import { useT } from '../../i18n';
import { Empty, Failure, Loading } from '../../parts/states';
import { ColumnChooser } from './ColumnChooser';
import { CompareTray } from './CompareTray';
import { ExportLinks } from './ExportLinks';
import { FilterBar } from './FilterBar';
import { RunTable, type Matches } from './RunTable';
import { SweepHeader } from './SweepHeader';
import { ViewArea } from './ViewArea';
import { ViewTabs } from './ViewTabs';
import { useLiveRuns } from './use_live_runs';
import { useSweepFilter } from './use_sweep_filter';
import './sweep.css';

/** The summary that the list of sweeps has already, until the details are there. */
function useKnownSummary(id: string): Schemas['SweepSummary'] | undefined {
  return useQueryClient()
    .getQueryData<Schemas['SweepList']>(['sweeps'])
    ?.sweeps.find((sweep) => sweep.id === id);
}

/** There are no runs to show: it has not begun, or its file cannot be read. */
const isUnranked = (summary: Schemas['SweepSummary'] | undefined): boolean => summary !== undefined && ['queued', 'failed', 'damaged'].includes(summary.state) && summary.done === 0;

const NOT_YET: Matches = { total: undefined, stale: false, error: null, columns: [] };

export default function SweepPage() {
  const { id = '' } = useParams();
  return <Sweep key={id} id={id} />;
}

function Sweep({ id }: { id: string }) {
  const t = useT();
  const known = useKnownSummary(id);
  const filter = useSweepFilter();
  const [matches, setMatches] = useState(NOT_YET);
  // A server that has not opened this file yet reads every column for the details: the rows go first.
  const sweep = useQuery({
    queryKey: ['sweep', id],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}', { params: { path: { id } }, signal })),
    enabled: matches.total !== undefined || matches.error !== null || filter.filter.view !== 'table' || isUnranked(known),
  });
  const detail = sweep.data;
  const summary = detail ?? known;
  useLiveRuns(id, summary);

  if (sweep.error && !detail) {
    if (sweep.error instanceof ApiError && sweep.error.status === 404) return <Empty title={t('sweep.missing', { id })}>{t('sweep.missing.hint')}</Empty>;
    return <Failure error={sweep.error} retry={() => void sweep.refetch()} />;
  }
  const { view } = filter.filter;
  return (
    <>
      {summary ? <SweepHeader summary={summary} detail={detail} /> : <div className="sweep-head-space" />}
      {isUnranked(summary) ? (
        <Empty title={t(summary?.state === 'queued' ? 'sweep.queued' : 'sweep.no_result')}>{t(summary?.state === 'queued' ? 'sweep.queued.hint' : 'sweep.no_result.hint')}</Empty>
      ) : (
        <>
          <div className="sweep-tools">
            <ViewTabs view={view} change={filter.change} />
            <div className="row sweep-tools-right">
              <ColumnChooser detail={detail} columns={matches.columns} filter={filter} />
              <ExportLinks id={id} runs={filter.runs} columns={filter.filter.columns} />
            </div>
          </div>
          <FilterBar state={filter} detail={detail} matches={matches} />
          {filter.filter.compare.length > 0 && <CompareTray id={id} detail={detail} state={filter} />}
          <div className={view === 'table' ? 'sweep-work' : 'sweep-work sweep-split'}>
            {view !== 'table' && <section className="sweep-view">{detail ? <ViewArea view={view} id={id} detail={detail} filter={filter} /> : <Loading />}</section>}
            <section className="sweep-table" aria-label={t('sweep.view.table')}>
              <RunTable id={id} detail={detail} rank={summary?.rank} filter={filter} onMatches={setMatches} />
            </section>
          </div>
        </>
      )}
    </>
  );
}
