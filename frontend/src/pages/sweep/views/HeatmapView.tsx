// A metric over two parameters: which region is good, and whether it is a plateau or a spike. A cell opens its runs.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { Link } from 'react-router';
import { api, data } from '../../../api/client';
import { useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { ColourLegend } from './ColourLegend';
import { HeatmapCanvas } from './HeatmapCanvas';
import { HeatmapTable } from './HeatmapTable';
import { AGGREGATES, axisOf, binsOf, chosenAxes, limitsOf, limitsText, MOST_RANGES, queryWithout, rankedCells, stepConditions, stepOf, stepText, type Aggregate, type At, type Axis, type Heatmap } from './heatmap_model';
import { ParameterSliders } from './ParameterSliders';
import { useChartHeight } from './use_chart_height';
import { isAroundZero, scaleOf } from './view_colours';
import { columnsOf, figureWriter, formatCell, shownMetric, type Column, type MetricName } from './view_columns';
import { filterQuery, type SweepFilter } from '../sweep_filter';
import { useViewState, type ViewState } from './view_state';
import { Answer, Choice, leavesOutDone, MetricChoice, NothingToShow, Toggle } from './ViewParts';
import { withoutColumn } from './brush_filter';

interface Question {
  x: string;
  y: string;
  x_bins?: number;
  y_bins?: number;
  metric: MetricName;
  agg: Aggregate;
}

function useHeatmap(id: string, question: Question, query: ViewProps['filter']['query'], enabled: boolean) {
  return useQuery({
    queryKey: ['heatmap', id, question, query],
    queryFn: ({ signal }) => data(api.GET('/api/v1/sweeps/{id}/heatmap', { params: { path: { id }, query: { ...query, ...question } }, signal })),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** How a cell's figure is written and what is better: a number of runs and a spread are no values of the metric. */
function figureColumn(metric: Column, agg: Aggregate): Column {
  if (agg === 'count') return { ...metric, name: 'count', unit: 'count', integer: true, better: 0 };
  if (agg === 'std') return { ...metric, name: metric.unit === 'ms' ? 'duration' : metric.name, unit: metric.integer ? 'number' : metric.unit, integer: false, better: 0 };
  return agg === 'mean' || agg === 'median' ? { ...metric, unit: metric.integer ? 'number' : metric.unit, integer: false } : metric; // means of whole numbers are none
}

/** The filter before a cell was chosen: `before` has the limits of then. */
function withoutCell(now: SweepFilter, names: readonly string[], before: string): Partial<SweepFilter> {
  const free = names.reduce<Pick<SweepFilter, 'bounds' | 'fixed'>>(withoutColumn, now);
  return { fixed: free.fixed, bounds: { ...free.bounds, ...limitsOf(before, names) } };
}

interface MapProps extends ViewProps {
  map: Heatmap;
  metric: Column;
  agg: Aggregate;
  asTable: boolean;
  state: ViewState;
}

function ChosenCell({ id, filter, map, x, y, at, describe, clear }: ViewProps & { map: Heatmap; x: Axis; y: Axis; at: At | null; describe: (at: At) => string[]; clear: () => void }) {
  const t = useT();
  const run = at && map.best_run[at.y]?.[at.x];
  if (!at || x.size === 0 || y.size === 0) return <div className="view-cell soft">{t('views.heatmap.hint')}</div>;
  return (
    <div className="view-cell" role="status">
      <span>{describe(at).slice(0, 3).join(' · ')}</span>
      {typeof run === 'number' && <Link to={`/sweeps/${encodeURIComponent(id)}/runs/${run}`}>{t('views.open_best', { run })}</Link>}
      <button type="button" onClick={() => filter.change({ view: 'table' })}>
        {t('views.runs_in_table')}
      </button>
      <button type="button" className="quiet" onClick={clear}>
        {t('views.clear_choice')}
      </button>
    </div>
  );
}

function Map(props: MapProps) {
  const { id, filter, detail, map, metric, agg, asTable, state } = props;
  const t = useT();
  const { theme } = useTheme();
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const figures = useMemo(() => figureColumn(metric, agg), [metric, agg]);
  const [x, y] = useMemo(() => {
    const axis = (of: Heatmap['x']): Axis => axisOf(columns.byName.get(of.name) ?? { ...metric, name: of.name }, of);
    return [axis(map.x), axis(map.y)];
  }, [map, columns, metric]);
  const scale = useMemo(() => {
    const values = map.cells.flat().filter((value) => value !== null);
    return scaleOf(values, { aroundZero: agg !== 'count' && agg !== 'std' && isAroundZero(metric), better: figures.better, theme, use: 'areas' });
  }, [map, metric, agg, figures, theme]);
  const figure = useMemo(() => figureWriter(figures, Math.max(Math.abs(map.minimum ?? 0), Math.abs(map.maximum ?? 0))), [figures, map]);
  const describe = useCallback(
    (at: At): string[] => {
      const value = map.cells[at.y]?.[at.x] ?? null;
      const run = map.best_run[at.y]?.[at.x];
      const where = `${x.column.name} ${stepText(x, at.x)}, ${y.column.name} ${stepText(y, at.y)}`;
      if (value === null) return [where, t('views.no_runs')];
      const shown = [where, `${t(`views.agg.${agg}`)} ${metric.name}: ${formatCell(figures, value)}`, t('views.run_count', { count: format.count(map.counts[at.y]?.[at.x]) })];
      return typeof run === 'number' ? [...shown, t('views.best_run', { run })] : shown;
    },
    [map, x, y, metric, agg, figures, t],
  );
  const chosen = useMemo((): At | null => {
    const at = { x: stepOf(filter.filter, x), y: stepOf(filter.filter, y) };
    return at.x >= 0 && at.y >= 0 ? at : null;
  }, [filter.filter, x, y]);
  const choose = useCallback(
    (at: At | null) => {
      if (at && map.cells[at.y]?.[at.x] == null) return;
      // The limits that the map has already are kept beside the cell's: they still cut it, and come back with "clear".
      const names = [x.column.name, y.column.name];
      const before = state.get('cell') ?? limitsText(filter.filter, names);
      state.set({ cell: at ? before : null }, { filter: (now) => (at ? stepConditions(stepConditions(now, x, at.x), y, at.y) : withoutCell(now, names, before)) });
    },
    [map, state, x, y, filter.filter],
  );
  const ranked = useMemo(() => rankedCells(map, figures.better), [map, figures]);
  if (ranked.length === 0) return <NothingToShow filter={filter} detail={detail} />;
  const best = ranked[0] as (typeof ranked)[number];
  const name = `${t(`views.agg.${agg}`)} ${metric.name}`;
  const label = t('views.heatmap.label', { name, x: x.column.name, y: y.column.name, cells: ranked.length, best: describe(best).slice(0, 2).join(', ') });
  return (
    <>
      {scale && <ColourLegend scale={scale} column={figures} name={name} minimum={map.minimum ?? scale.low} maximum={map.maximum ?? scale.high} />}
      {asTable ? (
        <HeatmapTable id={id} cells={ranked} x={x} y={y} name={name} figure={(value) => formatCell(figures, value)} />
      ) : (
        <HeatmapCanvas map={map} x={x} y={y} scale={scale} label={label} chosen={chosen} figure={figure} describe={describe} onChoose={choose} />
      )}
      <ChosenCell {...props} x={x} y={y} at={chosen} describe={describe} clear={() => choose(null)} />
    </>
  );
}

export default function HeatmapView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const state = useViewState('hm');
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const metric = useMemo(() => shownMetric(columns, filter.filter), [columns, filter.filter]);
  const [x, y] = chosenAxes(columns, state.get('x'), state.get('y'));
  const agg = AGGREGATES.find((one) => one === state.get('agg')) ?? (metric.better < 0 ? 'min' : 'max');
  const cell = state.get('cell');
  const query = useMemo(
    () => (cell ? { ...queryWithout(filter.query, [x, y]), ...filterQuery({ where: '', ranked: false, fixed: {}, bounds: limitsOf(cell, [x, y]) }) } : filter.query),
    [filter.query, cell, x, y],
  );
  const chosenBins = state.get('bins');
  const x_bins = binsOf(chosenBins, columns.byName.get(x));
  const y_bins = binsOf(chosenBins, columns.byName.get(y));
  const question = { x, y, ...(x_bins !== undefined && { x_bins }), ...(y_bins !== undefined && { y_bins }), metric: metric.name as MetricName, agg };
  const heatmap = useHeatmap(id, question, query, !leavesOutDone(filter.filter));
  const hasNumbers = [x, y].some((name) => columns.byName.get(name)?.numeric);
  const inputs = [...new Set([...columns.inputs.map((column) => column.name), x, y])];
  const others = columns.inputs.filter((column) => column.name !== x && column.name !== y);
  const height = useChartHeight(560);
  const axes = (next: { x: string; y: string }): void => state.set({ ...next, cell: null });
  return (
    <section className="view" aria-label={t('views.heatmap')}>
      <div className="view-controls">
        <Choice label="x" value={x} options={inputs} onChange={(next) => axes(next === y ? { x: y, y: x } : { x: next, y })} />
        <Choice label="y" value={y} options={inputs} onChange={(next) => axes(next === x ? { x: y, y: x } : { x, y: next })} />
        {hasNumbers && (
          <Choice
            label={t('views.ranges')}
            value={chosenBins === 'each' || MOST_RANGES.some((most) => String(most) === chosenBins) ? (chosenBins as string) : ''}
            options={[['', t('views.ranges.auto')], ['each', t('views.ranges.each')], ...MOST_RANGES.map((most) => [String(most), t('views.ranges.most', { count: most })] as const)]}
            onChange={(next) => state.set({ bins: next || null, ...(cell && { cell: null }) }, cell ? { filter: (now) => withoutCell(now, [x, y], cell) } : {})}
          />
        )}
        <MetricChoice columns={columns} filter={filter} />
        <Choice label={t('views.aggregate')} value={agg} options={AGGREGATES.map((one) => [one, t(`views.agg.${one}`)] as const)} onChange={(next) => state.set({ agg: next })} />
        <span className="view-end">
          <Toggle pressed={state.get('table') !== null} onChange={(on) => state.set({ table: on ? '1' : null }, { replace: true })}>
            {t('views.as_table')}
          </Toggle>
        </span>
      </div>
      <ParameterSliders columns={others} runs={detail.statuses.done ?? 0} filter={filter} />
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={heatmap} height={height}>
          {(map) => <Map id={id} detail={detail} filter={filter} map={map} metric={metric} agg={agg} asTable={state.get('table') !== null} state={state} />}
        </Answer>
      )}
    </section>
  );
}
