// Runs as lines through their parameters and metrics. A brush over an axis limits that column for every view of the sweep.
import { useCallback, useMemo } from 'react';
import { useNavigate } from 'react-router';
import { useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { AxesChooser } from './AxesChooser';
import { brushed, intervalOf, type Interval } from './brush_filter';
import { ColourLegend } from './ColourLegend';
import { ParallelCanvas } from './ParallelCanvas';
import { axisEnds, parallelAxes, sharesOf } from './parallel_model';
import { SampleNote } from './SampleNote';
import { useChartHeight } from './use_chart_height';
import { useRunSample, type RunSample } from './use_run_sample';
import { colourAt, css, isAroundZero, scaleOf } from './view_colours';
import { columnsOf, formatCell, type Column, type Columns } from './view_columns';
import { useViewState } from './view_state';
import { Answer, leavesOutDone, NothingToShow } from './ViewParts';

const MOST = 1000;
const BEST = 500;

function Lines({ id, detail, sample, axes, columns, filter }: ViewProps & { sample: RunSample; axes: Column[]; columns: Columns }) {
  const t = useT();
  const navigate = useNavigate();
  const { theme } = useTheme();
  const { rank } = columns;
  const lines = useMemo(() => sample.rows.map((row) => sharesOf(row, sample.columns, axes)), [sample, axes]);
  const ranks = useMemo(() => sample.rows.map((row) => row[sample.columns.indexOf(rank.name)]), [sample, rank]);
  const known = useMemo(() => ranks.filter((cell): cell is number => typeof cell === 'number'), [ranks]);
  const scale = useMemo(() => scaleOf(known, { aroundZero: isAroundZero(rank), better: rank.better, theme, use: 'marks' }), [known, rank, theme]);
  const colours = useMemo(() => ranks.map((cell) => (typeof cell === 'number' && scale ? css(colourAt(scale, cell)) : '')), [ranks, scale]);
  const brushes = useMemo(() => axes.map((column) => intervalOf(filter.filter, column, axisEnds(column))), [axes, filter.filter]);
  const describe = useCallback(
    (line: number): string[] => {
      const row = sample.rows[line] ?? [];
      return [t('views.run', { run: String(row[0]) }), ...axes.map((column) => `${column.name} ${formatCell(column, row[sample.columns.indexOf(column.name)])}`)];
    },
    [sample, axes, t],
  );
  const brush = (at: number, interval: Interval | null): void => {
    const column = axes[at];
    if (column) filter.change((now) => brushed(now, column, interval, axisEnds(column)));
  };
  const label = t('views.parallel.label', { count: format.count(sample.rows.length), axes: axes.map((axis) => axis.name).join(', '), metric: rank.name });
  return (
    <>
      {scale && <ColourLegend scale={scale} column={rank} name={rank.name} minimum={Math.min(...known)} maximum={Math.max(...known)} />}
      {/* Its thumbs stay where no run is left: they are what brings runs back, and one of them may have the focus. */}
      <div className="view-over">
        <ParallelCanvas
          axes={axes}
          lines={lines}
          colours={colours}
          brushes={brushes}
          label={label}
          filter={filter}
          describe={describe}
          onBrush={brush}
          onOpen={(line) => void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${String(sample.rows[line]?.[0])}`)}
        />
        {sample.rows.length === 0 && <NothingToShow filter={filter} detail={detail} />}
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
  const height = useChartHeight(460);
  const arrived = sample.data?.columns;
  // While the figures of new axes are on their way, those that have arrived are shown.
  const drawn = useMemo(() => (arrived ? axes.filter((axis) => arrived.includes(axis.name)) : axes), [axes, arrived]);
  return (
    <section className="view" aria-label={t('views.parallel')}>
      <AxesChooser columns={columns} shown={axes.map((axis) => axis.name)} onChange={(names) => state.set({ axes: names.join(',') }, { replace: true })} />
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={sample} height={height}>
          {(found) => (
            <>
              <SampleNote sample={found} metric={columns.rank.name} hint={t('views.parallel.hint')} />
              <Lines id={id} detail={detail} sample={found} axes={drawn} columns={columns} filter={filter} />
            </>
          )}
        </Answer>
      )}
    </section>
  );
}
