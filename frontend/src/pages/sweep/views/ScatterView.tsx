// Any two columns against each other, coloured by a third: return against drawdown, what a parameter does to the number of trades.
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import type { ChartEvent } from '../../../charts/EChart';
import { themeColor, useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { BrushedChart } from './BrushedChart';
import { brushed } from './brush_filter';
import { ColourLegend } from './ColourLegend';
import { NameLegend } from './NameLegend';
import { RangeSliders } from './RangeSlider';
import { SampleNote } from './SampleNote';
import { endsOf, pointsOf, scatterOption } from './scatter_option';
import { useChartHeight } from './use_chart_height';
import { useRunSample, type RunSample } from './use_run_sample';
import { isAroundZero, scaleOf } from './view_colours';
import { columnsOf, shownMetric, type Column, type Columns } from './view_columns';
import { useViewState } from './view_state';
import { Answer, Choice, leavesOutDone, NothingToShow } from './ViewParts';

const MOST = 5000;
const BEST = 500;

interface Axes {
  x: Column;
  y: Column;
  colour: Column;
}

/** The chosen columns; left out: drawdown against the shown metric, coloured by the first parameter that varies. */
export function scatterAxes(columns: Columns, metric: Column, chosen: { x: string | null; y: string | null; colour: string | null }): Axes {
  const known = (name: string | null): Column | undefined => (name === null ? undefined : name === columns.rank.name ? columns.rank : columns.byName.get(name));
  const other = metric.name === 'maxDrawdown' ? 'profitRate' : 'maxDrawdown';
  const y = known(chosen.y) ?? metric;
  const x = known(chosen.x) ?? known(other) ?? metric;
  return { x, y, colour: known(chosen.colour) ?? columns.inputs[0] ?? y };
}

function Points({ id, detail, sample, axes, filter }: ViewProps & { sample: RunSample; axes: Axes }) {
  const t = useT();
  const navigate = useNavigate();
  const { theme } = useTheme();
  const height = useChartHeight(520);
  const { x, y, colour } = axes;
  const points = useMemo(() => pointsOf(sample.rows, sample.columns, x, y, colour).reverse(), [sample, x, y, colour]); // the best on top
  const tones = useMemo(() => points.flatMap((point) => (typeof point.cells[2] === 'number' ? [point.cells[2]] : [])), [points]);
  const scale = useMemo(() => (colour.numeric ? scaleOf(tones, { aroundZero: isAroundZero(colour), better: colour.better, theme, use: 'marks' }) : null), [tones, colour, theme]);
  const option = useMemo(() => scatterOption(points, x, y, colour, scale, themeColor('--line-strong'), (run) => t('views.run', { run })), [points, x, y, colour, scale, t]);
  const events = useMemo<ChartEvent[]>(
    () => [
      {
        name: 'click',
        handler: (event) => {
          const point = points[(event as { dataIndex: number }).dataIndex];
          if (point) void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${point.run}`);
        },
      },
    ],
    [points, id, navigate],
  );
  if (points.length === 0) return <NothingToShow filter={filter} detail={detail} />;
  const [xEnds, yEnds] = [endsOf(x, points.map((point) => point.x)), endsOf(y, points.map((point) => point.y))];
  const missing = sample.rows.length - points.length;
  return (
    <>
      {missing > 0 && <p className="view-note">{t('views.scatter.missing', { count: format.count(missing), x: x.name, y: y.name })}</p>}
      {scale ? <ColourLegend scale={scale} column={colour} name={colour.name} minimum={Math.min(...tones)} maximum={Math.max(...tones)} /> : <NameLegend column={colour} />}
      <BrushedChart
        option={option}
        height={height}
        label={t('views.scatter.label', { count: format.count(points.length), x: x.name, y: y.name, colour: colour.name })}
        mode="xy"
        events={events}
        onBrush={(bx, by) => filter.change((now) => brushed(brushed(now, x, bx, xEnds), y, by, yEnds))}
      />
    </>
  );
}

export default function ScatterView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const state = useViewState('sc');
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const axes = useMemo(
    () => scatterAxes(columns, shownMetric(columns, filter.filter), { x: state.get('x'), y: state.get('y'), colour: state.get('colour') }),
    [columns, filter.filter, state],
  );
  const wanted = useMemo(() => [...new Set(['run', axes.x.name, axes.y.name, axes.colour.name])], [axes]);
  const sample = useRunSample(id, filter.runs, wanted, MOST, BEST);
  const names = [...columns.inputs, ...columns.metrics].filter((column) => column.numeric || column.values).map((column) => column.name);
  return (
    <section className="view" aria-label={t('views.scatter')}>
      <div className="view-controls">
        <Choice label="x" value={axes.x.name} options={names} onChange={(x) => state.set({ x })} />
        <Choice label="y" value={axes.y.name} options={names} onChange={(y) => state.set({ y })} />
        <Choice label={t('views.colour')} value={axes.colour.name} options={names} onChange={(colour) => state.set({ colour })} />
      </div>
      {leavesOutDone(filter.filter) ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={sample} height={480}>
          {(found) => (
            <>
              <SampleNote sample={found} metric={columns.rank.name} hint={t('views.scatter.hint')} />
              <Points id={id} detail={detail} sample={found} axes={axes} filter={filter} />
            </>
          )}
        </Answer>
      )}
      <RangeSliders columns={[axes.x, axes.y]} filter={filter} />
    </section>
  );
}
