// Every sweep of the results folder, live.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, data } from '../../api/client';
import { useT } from '../../i18n';
import { SearchField } from '../../parts/SearchField';
import { Empty, Failure, Loading } from '../../parts/states';
import { useUrlState } from '../../parts/url_state';
import { HowToStart } from './HowToStart';
import { isFound, stateCounts, STATES, type SweepState } from './sweep_list';
import { SweepsTable } from './SweepsTable';
import './sweeps.css';

export default function SweepsPage() {
  const t = useT();
  const [params, change] = useUrlState();
  const sweeps = useQuery({ queryKey: ['sweeps'], queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps', { signal })) });
  const search = params.get('q') ?? '';
  const state = STATES.find((name) => name === params.get('state'));
  const all = sweeps.data?.sweeps;
  const found = useMemo(() => all?.filter((sweep) => (!state || sweep.state === state) && isFound(sweep, search)), [all, state, search]);
  const isThere = all !== undefined;
  // The page that is opened next, fetched while nothing else is.
  useEffect(() => {
    if (isThere) void import('../sweep/SweepPage');
  }, [isThere]);
  if (!all || !found) return sweeps.error ? <Failure error={sweeps.error} retry={() => void sweeps.refetch()} /> : <Loading />;

  const counts = stateCounts(all);
  const pick = (name: SweepState | undefined, label: string, number: number) => (
    <button key={label} type="button" className="sweeps-state" aria-pressed={state === name} onClick={() => change({ state: name })}>
      {label} <span className="soft">{number}</span>
    </button>
  );
  return (
    <>
      <header>
        <h1>{t('nav.sweeps')}</h1>
        {all.length > 0 && <span className="soft">{t('sweeps.count', { count: all.length })}</span>}
      </header>
      {all.length === 0 ? (
        <Empty title={t('sweeps.empty')}>
          <HowToStart />
        </Empty>
      ) : (
        <>
          <div className="row">
            <SearchField label={t('sweeps.search')} value={search} change={(q) => change({ q }, { replace: true })} />
            <div className="row" role="group" aria-label={t('sweeps.filter.state')}>
              {pick(undefined, t('sweeps.state.all'), all.length)}
              {STATES.filter((name) => counts.has(name) || name === state).map((name) => pick(name, t(`sweeps.state.${name}`), counts.get(name) ?? 0))}
            </div>
          </div>
          {found.length > 0 ? (
            <SweepsTable sweeps={found} sort={params.get('sort')} setSort={(sort) => change({ sort })} />
          ) : (
            <Empty title={t('sweeps.none_found')}>
              <button type="button" onClick={() => change({ q: null, state: null })}>
                {t('sweep.filter.clear_all')}
              </button>
            </Empty>
          )}
        </>
      )}
    </>
  );
}
