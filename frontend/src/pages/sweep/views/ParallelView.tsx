// Runs as lines through their parameters and metrics. A brush over an axis limits that column for every view of the sweep.
import type { ECharts } from 'echarts/core';
import { useCallback, useMemo, useRef } from 'react';
import { useNavigate } from 'react-router';
import { EChart, type ChartEvent } from '../../../charts/EChart';
import { themeColor, useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { AxesChooser } from './AxesChooser';
import { brushed, intervalOf, withoutColumn, type Interval } from './brush_filter';
import { ColourLegend } from './ColourLegend';
import { axisEnds, parallelAxes, parallelOption } from './parallel_option';
import { SampleNote } from './SampleNote';
import { useRunSample, type RunSample } from './use_run_sample';
import { isAroundZero, scaleOf } from './view_colours';
import { columnsOf, type Column, type Columns } from './view_columns';
import { useViewState } from './view_state';
import { Answer, leavesOutDone, NothingToShow } from './ViewParts';

const MOST = 1000;
const BEST = 500;

interface AreaSelected {
  parallelAxisId?: string;
  intervals?: [number, number][];
  fromFilter?: boolean; // our own action, which sets the brushes as the filter has them
}

const axisId = (name: string): string => `axis ${name}`;

/** Brushes as the filter has them, drawn after every change of the chart. */
function showBrushes(chart: ECharts, axes: readonly Column[], filter: ViewProps['filter']['filter']): void {
  for (const column of axes) {
    const interval = intervalOf(filter, column, axisEnds(column));
    chart.dispatchAction({ type: 'axisAreaSelect', parallelAxisId: axisId(column.name), intervals: interval ? [interval] : [], fromFilter: true });
  }
}

function Lines({ id, sample, axes, columns, filter }: { id: string; sample: RunSample; axes: Column[]; columns: Columns; filter: ViewProps['filter'] }) {
  const t = useT();
  const navigate = useNavigate();
  const { theme } = useTheme();
  const { rank } = columns;
  const tones = useMemo(() => {
    const at = sample.columns.indexOf(rank.name);
    return sample.rows.flatMap((row) => (typeof row[at] === 'number' ? [row[at]] : []));
  }, [sample, rank]);
  const scale = useMemo(() => scaleOf(tones, { aroundZero: isAroundZero(rank), better: rank.better, theme }), [tones, rank, theme]);
  const option = useMemo(() => {
    const colours = { line: themeColor('--line-strong'), soft: themeColor('--text-soft'), accent: themeColor('--accent'), surface: themeColor('--surface') };
    const made = parallelOption(sample.rows, sample.columns, axes, rank, { tones: colours, scale, runName: (run) => t('views.run', { run }) });
    const withIds = (made['parallelAxis'] as object[]).map((axis, i) => ({ ...axis, id: axisId(axes[i]?.name ?? '') }));
    return { ...made, parallelAxis: withIds };
  }, [sample, axes, rank, scale, t]);
  const latest = useRef({ axes, filter });
  latest.current = { axes, filter };
  const afterOption = useCallback((chart: ECharts) => showBrushes(chart, latest.current.axes, latest.current.filter.filter), []);
  const events = useMemo<ChartEvent[]>(
    () => [
      {
        name: 'axisareaselected',
        handler: (event) => {
          const { parallelAxisId, intervals, fromFilter } = event as AreaSelected;
          const column = axes.find((one) => axisId(one.name) === parallelAxisId);
          if (!column || fromFilter) return;
          const interval: Interval | null = intervals?.at(-1) ?? null;
          filter.change((now) => (interval ? brushed(now, column, interval, axisEnds(column)) : withoutColumn(now, column.name)));
        },
      },
      {
        name: 'click',
        handler: (event) => {
          const { seriesType, dataIndex } = event as { seriesType?: string; dataIndex?: number };
          const row = seriesType === 'parallel' && dataIndex !== undefined ? sample.rows[sample.rows.length - 1 - dataIndex] : undefined;
          if (row) void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${String(row[0])}`);
        },
      },
    ],
    [axes, filter, id, navigate, sample],
  );
  if (sample.rows.length === 0) return <NothingToShow filter={filter} />;
  return (
    <>
      {scale && <ColourLegend scale={scale} column={rank} name={rank.name} minimum={Math.min(...tones)} maximum={Math.max(...tones)} />}
      <div className="view-scroll">
        <div style={{ minWidth: axes.length * 84 }}>
          <EChart
            option={option}
            height={440}
            label={t('views.parallel.label', { count: format.count(sample.rows.length), axes: axes.map((axis) => axis.name).join(', '), metric: rank.name })}
            events={events}
            afterOption={afterOption}
          />
        </div>
      </div>
    </>
  );
}

export default function ParallelView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const state = useViewState('pc');
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const chosen = state.get('axes');
  const axes = useMemo(() => parallelAxes(columns, chosen), [columns, chosen]);
  const wanted = useMemo(() => [...new Set(['run', ...axes.map((axis) => axis.name), columns.rank.name])], [axes, columns]);
  const sample = useRunSample(id, filter.runs, wanted, MOST, BEST);
  return (
    <section className="view" aria-label={t('views.parallel')}>
      <AxesChooser columns={columns} shown={axes.map((axis) => axis.name)} onChange={(names) => state.set({ axes: names.join(',') }, { replace: true })} />
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} />
      ) : (
        <Answer query={sample} height={440}>
          {(found) => (
            <>
              <SampleNote sample={found} metric={columns.rank.name} hint={t('views.parallel.hint')} />
              {/* While the next axes' figures are on their way, the last ones are shown on theirs. */}
              <Lines id={id} sample={found} axes={axes.filter((axis) => found.columns.includes(axis.name))} columns={columns} filter={filter} />
            </>
          )}
        </Answer>
      )}
    </section>
  );
}
