// Which parameter matters for a metric. The bars stand in a table, so it is its own text alternative.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, data, type Schemas } from '../../../api/client';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import { Empty } from '../../../parts/states';
import type { ViewProps } from '../view_props';
import { ScrollBox } from './ScrollBox';
import { columnsOf, shownMetric, type Columns, type MetricName } from './view_columns';
import { useViewState } from './view_state';
import { Answer, leavesOutDone, MetricChoice, NothingToShow } from './ViewParts';

type Importance = Schemas['Importance'];

function Share({ value }: { value: number | null }) {
  return (
    <div className="view-bar" aria-hidden="true">
      <span style={{ left: 0, width: `${(value ?? 0) * 100}%` }} />
    </div>
  );
}

/** From the middle to the right where the metric rises with the parameter, to the left where it falls. */
function Correlation({ value }: { value: number | null }) {
  const size = Math.abs(value ?? 0) * 50;
  return (
    <div className="view-bar" aria-hidden="true">
      <span className={(value ?? 0) < 0 ? 'against' : 'towards'} style={{ left: `${(value ?? 0) < 0 ? 50 - size : 50}%`, width: `${size}%` }} />
      <i />
    </div>
  );
}

function Bars({ answer, columns }: { answer: Importance; columns: Columns }) {
  const t = useT();
  const share = (value: number | null): string => (value === null ? format.missing : `${format.fixed(value * 100, 1)} %`);
  const most = answer.parameters[0];
  return (
    <>
      <ScrollBox label={t('views.importance')}>
        <table className="view-bars">
          <caption className="visually-hidden">{most && t('views.importance.label', { metric: answer.metric, name: most.name, share: share(most.share) })}</caption>
          <thead>
            <tr>
              <th scope="col">{t('views.parameter')}</th>
              <th scope="col" className="number">{t('views.distinct')}</th>
              <th scope="col" colSpan={2}>{t('views.share')}</th>
              <th scope="col" colSpan={2}>{t('views.rank_correlation')}</th>
            </tr>
          </thead>
          <tbody>
            {answer.parameters.map((parameter) => (
              <tr key={parameter.name}>
                <th scope="row">{parameter.name}</th>
                <td className="number">{format.count(parameter.distinct)}</td>
                <td style={{ width: '28%' }}>
                  <Share value={parameter.share} />
                </td>
                <td className="number">{share(parameter.share)}</td>
                <td style={{ width: '28%' }}>
                  <Correlation value={parameter.rank_correlation} />
                </td>
                <td className="number">{parameter.rank_correlation === null ? (columns.byName.get(parameter.name)?.numeric ? format.missing : t('views.no_order')) : format.fixed(parameter.rank_correlation, 2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p className="view-note">{t('views.importance.read', { metric: answer.metric })}</p>
    </>
  );
}

export default function ImportanceView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const metric = shownMetric(columns, filter.filter).name;
  const heatmap = useViewState('hm');
  const answer = useQuery({
    queryKey: ['importance', id, metric, filter.query],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}/importance', { params: { path: { id }, query: { ...filter.query, metric: metric as MetricName } }, signal })),
    placeholderData: keepPreviousData,
    enabled: !leavesOutDone(filter.filter),
  });
  const [first, second] = answer.data?.parameters ?? [];
  return (
    <section className="view" aria-label={t('views.importance')}>
      <div className="view-controls">
        <MetricChoice columns={columns} filter={filter} />
        {first && second && (
          <button type="button" onClick={() => heatmap.set({ x: first.name, y: second.name, cell: null }, { filter: () => ({ view: 'heatmap' }) })}>
            {t('views.importance.heatmap', { x: first.name, y: second.name })}
          </button>
        )}
      </div>
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={answer} height={240}>
          {(found) => found.parameters.length > 0 ? (
              <Bars answer={found} columns={columns} />
            ) : detail.statuses.done ? (
              <Empty title={t('views.importance.none')}>
                <p>{t('views.importance.none.hint')}</p>
              </Empty>
            ) : (
              <NothingToShow filter={filter} detail={detail} />
            )}
        </Answer>
      )}
    </section>
  );
}
