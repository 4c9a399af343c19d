// The store's series: what there is, how far it reaches, and what the checks found in it. Live by 'series' events (api/live.ts).
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, data } from '../../api/client';
import { useT } from '../../i18n';
import { SearchField } from '../../parts/SearchField';
import { Empty, Failure, Loading } from '../../parts/states';
import { useUrlState } from '../../parts/url_state';
import { EmptyStore } from './EmptyStore';
import { isFound, seriesSortOf } from './series_list';
import { SeriesTable } from './SeriesTable';
import './data.css';

export default function DataPage() {
  const t = useT();
  const [params, change] = useUrlState();
  const answer = useQuery({ queryKey: ['series'], queryFn: ({ signal }) => data(api.GET('/api/v1/series', { signal })) });
  const search = params.get('q') ?? '';
  const all = answer.data?.series;
  const found = useMemo(() => all?.filter((series) => isFound(series, search)) ?? [], [all, search]);
  if (!all) return answer.error ? <Failure error={answer.error} retry={() => void answer.refetch()} /> : <Loading />;
  return (
    <>
      <header>
        <h1>{t('nav.data')}</h1>
        {all.length > 0 && (
          <span className="soft" role="status">
            {search.trim() === '' ? t('data.count', { count: all.length }) : t('data.found', { found: found.length, count: all.length })}
          </span>
        )}
      </header>
      {all.length === 0 ? (
        <EmptyStore />
      ) : (
        <>
          <div className="row">
            <SearchField label={t('data.search')} value={search} change={(q) => change({ q }, { replace: true })} />
          </div>
          {found.length > 0 ? (
            <SeriesTable list={found} sort={seriesSortOf(params.get('sort'))} setSort={(sort) => change({ sort })} />
          ) : (
            <Empty title={t('data.none_found')}>
              <button type="button" onClick={() => change({ q: null })}>
                {t('data.clear')}
              </button>
            </Empty>
          )}
        </>
      )}
    </>
  );
}
