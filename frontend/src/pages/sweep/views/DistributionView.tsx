// How a metric is spread over the runs: whether the best one stands in a crowd or alone.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { api, data } from '../../../api/client';
import { themeColor, useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { BrushedChart } from './BrushedChart';
import { brushed, withoutColumn } from './brush_filter';
import { binsOf, distributionOption, PLOT, type Distribution } from './distribution_option';
import { RangeSliders } from './RangeSlider';
import { ScrollBox } from './ScrollBox';
import { useChartHeight } from './use_chart_height';
import { useWidth } from './use_width';
import { columnsOf, formatCell, shownMetric, type Column, type MetricName } from './view_columns';
import { useViewState } from './view_state';
import { Answer, Choice, leavesOutDone, MetricChoice, NothingToShow, Toggle } from './ViewParts';

const BINS = ['20', '50', '100', '200'];
const QUANTILES = ['0.01', '0.05', '0.25', '0.5', '0.75', '0.95', '0.99'] as const;

function Figures({ answer, column }: { answer: Distribution; column: Column }) {
  const t = useT();
  const rows: [string, string][] = [
    [t('views.runs'), format.count(answer.count)],
    [t('views.undefined'), format.count(answer.undefined)],
    [t('views.mean'), formatCell(column, answer.mean)],
    [t('views.deviation'), formatCell(column.unit === 'ms' ? { ...column, name: 'duration' } : column, answer.deviation)],
    [t('views.minimum'), formatCell(column, answer.minimum)],
    ...QUANTILES.map((q): [string, string] => [q === '0.5' ? t('views.median') : t('views.quantile', { percent: format.significant(Number(q) * 100) }), formatCell(column, answer.quantiles[q])]),
    [t('views.maximum'), formatCell(column, answer.maximum)],
  ];
  return (
    <dl className="view-facts view-side" aria-label={column.name}>
      {rows.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function BinTable({ answer, column }: { answer: Distribution; column: Column }) {
  const t = useT();
  return (
    <ScrollBox label={t('views.distribution')}>
      <table className="view-table">
        <thead>
          <tr>
            <th scope="col" className="number">{t('views.from')}</th>
            <th scope="col" className="number">{t('views.to')}</th>
            <th scope="col" className="number">{t('views.runs')}</th>
          </tr>
        </thead>
        <tbody>
          {binsOf(answer).map((bin) => (
            <tr key={bin.from}>
              <td className="number">{formatCell(column, bin.from)}</td>
              <td className="number">{formatCell(column, bin.to)}</td>
              <td className="number">{format.count(bin.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function Histogram({ answer, column, filter, asTable }: { answer: Distribution; column: Column; filter: ViewProps['filter']; asTable: boolean }) {
  const t = useT();
  const { theme } = useTheme();
  const height = useChartHeight(400);
  const holder = useRef<HTMLDivElement>(null);
  const width = useWidth(holder);
  const option = useMemo(() => {
    const tones = { accent: themeColor('--accent'), line: themeColor('--line'), soft: themeColor('--text-soft'), text: themeColor('--text') };
    return distributionOption(answer, column, t, tones, width);
    // The colours are those of the theme.
    // eslint-disable-next-line
  }, [answer, column, t, theme, width]);
  const label = t('views.distribution.label', {
    metric: column.name,
    count: format.count(answer.count),
    median: formatCell(column, answer.quantiles['0.5']),
    low: formatCell(column, answer.quantiles['0.05']),
    high: formatCell(column, answer.quantiles['0.95']),
  });
  const ends = [answer.minimum ?? 0, answer.maximum ?? 0] as const;
  return (
    <div className="view-columns">
      <div ref={holder}>
        {asTable ? (
          <BinTable answer={answer} column={column} />
        ) : (
          <BrushedChart option={option} height={height} label={label} mode="x" plot={PLOT} onBrush={(x) => filter.change((now) => brushed(now, column, x, ends))} />
        )}
      </div>
      <Figures answer={answer} column={column} />
    </div>
  );
}

export default function DistributionView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const state = useViewState('di');
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const column = useMemo(() => shownMetric(columns, filter.filter), [columns, filter.filter]);
  const bins = BINS.find((one) => one === state.get('bins')) ?? '50';
  const asTable = state.get('table') !== null;
  const answer = useQuery({
    queryKey: ['distribution', id, column.name, bins, filter.query],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}/distribution', { params: { path: { id }, query: { ...filter.query, metric: column.name as MetricName, bins: Number(bins) } }, signal })),
    placeholderData: keepPreviousData,
    enabled: !leavesOutDone(filter.filter),
  });
  const isBound = filter.filter.bounds[column.name] !== undefined;
  return (
    <section className="view" aria-label={t('views.distribution')}>
      <div className="view-controls">
        <MetricChoice columns={columns} filter={filter} />
        <Choice label={t('views.bins')} value={bins} options={BINS} onChange={(next) => state.set({ bins: next === '50' ? null : next })} />
        <button type="button" disabled={!isBound} onClick={() => filter.change((now) => withoutColumn(now, column.name))}>
          {t('views.whole_range')}
        </button>
        <span className="view-end">
          <Toggle pressed={asTable} onChange={(on) => state.set({ table: on ? '1' : null }, { replace: true })}>
            {t('views.as_table')}
          </Toggle>
        </span>
      </div>
      <p className="view-note">{t('views.distribution.hint')}</p>
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={answer} height={400}>
          {(found) => (found.count === 0 ? <NothingToShow filter={filter} detail={detail} /> : <Histogram answer={found} column={column} filter={filter} asTable={asTable} />)}
        </Answer>
      )}
      <RangeSliders columns={[column]} filter={filter} />
    </section>
  );
}
