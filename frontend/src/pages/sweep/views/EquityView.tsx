// Equity of the first runs of the table (or of those selected in it) laid over each other, with buy and hold.
import type { ECharts } from 'echarts/core';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { EChart, type ChartEvent } from '../../../charts/EChart';
import { themeColor, useTheme } from '../../../app/theme';
import { useT } from '../../../i18n';
import { Failure } from '../../../parts/states';
import * as format from '../../../parts/format';
import type { ViewProps } from '../view_props';
import { benchmarks, type Curve, type CurvePoint } from './equity_curves';
import { equityOption, type EquityLine } from './equity_option';
import { useChartHeight } from './use_chart_height';
import { useCurves, useEquityRows, type EquityRow, type EquityRows } from './use_equity_curves';
import { colourAt, css, LINES, scaleOf } from './view_colours';
import { columnsOf, formatCell, type Columns } from './view_columns';
import { useViewState } from './view_state';
import { Answer, Choice, leavesOutDone, NothingToShow } from './ViewParts';

const TOPS = ['5', '10', '20', '50'];

/** Few lines have a colour each; many go along a scale from the first to the last. */
export function lineColours(count: number, theme: 'light' | 'dark'): string[] {
  if (count <= LINES.length) return LINES.slice(0, count);
  const scale = scaleOf([-count, count * 0.8], { aroundZero: false, better: 1, theme, use: 'marks' });
  return Array.from({ length: count }, (_, i) => (scale ? css(colourAt(scale, count * 0.8 - i * 1.5)) : (LINES[0] as string)));
}

/** What a run was given: with names for tooltips and readers, the values alone where names stand above the list. */
const rowText = (row: EquityRow | undefined, columns: Columns): string => columns.inputs.map((column) => `${column.name} ${formatCell(column, row?.cells.get(column.name))}`).join(', ');
const rowValues = (row: EquityRow | undefined, columns: Columns): string => columns.inputs.map((column) => formatCell(column, row?.cells.get(column.name))).join(' · ');

function LineList({ id, lines, rows, columns, lit, onLight }: { id: string; lines: readonly EquityLine[]; rows: readonly EquityRow[]; columns: Columns; lit: number | null; onLight: (at: number | null) => void }) {
  const t = useT();
  return (
    <ul className="view-lines" aria-label={t('views.equity.lines')}>
      {lines.map((line, at) => {
        const last = line.points.at(-1)?.[1];
        const row = rows.find((one) => one.run === line.run);
        const text = row ? rowText(row, columns) : '';
        const inside = (
          <>
            <span className={line.run === null ? 'view-key dashed' : 'view-key'} style={{ borderColor: line.colour }} aria-hidden="true" />
            <span className="name">
              {line.name} {row && <em>{rowValues(row, columns)}</em>}
            </span>
            <span className="number">{format.percent(last)}</span>
          </>
        );
        const light = { onPointerEnter: () => onLight(at), onPointerLeave: () => onLight(null) };
        if (line.run === null)
          return (
            <li key={line.name} {...light}>
              <span className="view-line">{inside}</span>
            </li>
          );
        return (
          <li key={line.name} {...light}>
            <Link to={`/sweeps/${encodeURIComponent(id)}/runs/${line.run}`} title={text} className={lit === at ? 'lit' : ''} onFocus={() => onLight(at)} onBlur={() => onLight(null)}>
              {inside}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** Lines in the order of the rows, each with its colour from the start; without points until its curve is there. */
function useLines(rows: readonly EquityRow[], curves: readonly Curve[]): EquityLine[] {
  const t = useT();
  const { theme } = useTheme();
  return useMemo(() => {
    const colours = lineColours(rows.length, theme);
    const curveOfRun = new Map(curves.map((curve) => [curve.run, curve]));
    const holds = benchmarks(curves);
    const hold = (curve: Curve): string => (holds.length > 1 ? t('views.equity.hold_of', { series: curve.series }) : t('views.equity.hold'));
    return [
      ...holds.map((curve): EquityLine => ({ name: hold(curve), run: null, points: curve.buyHold ?? [], colour: themeColor('--text') })),
      ...rows.map(({ run }, i): EquityLine => ({ name: t('views.run', { run }), run, points: curveOfRun.get(run)?.points ?? [], colour: colours[i] ?? (LINES[0] as string) })),
    ];
  }, [rows, curves, t, theme]);
}

function Overlay({ id, detail, found, columns, filter }: ViewProps & { found: EquityRows; columns: Columns }) {
  const t = useT();
  const navigate = useNavigate();
  const height = useChartHeight(440);
  const chart = useRef<ECharts>(null);
  const [lit, setLit] = useState<number | null>(null);
  const { curves, waiting, error } = useCurves(id, detail.started_at, found.rows);
  const lines = useLines(found.rows, useDeferredValue(curves)); // many arrive at once: drawn when there is time
  const option = useMemo(() => equityOption(lines, { soft: themeColor('--text-soft') }, (count) => t('views.equity.more', { count })), [lines, t]);
  const light = (at: number | null): void => {
    setLit(at);
    if (!chart.current || chart.current.isDisposed()) return;
    chart.current.dispatchAction(at === null ? { type: 'downplay' } : { type: 'highlight', seriesIndex: at });
  };
  const events = useMemo<ChartEvent[]>(
    () => [
      {
        name: 'click',
        handler: (event) => {
          const line = lines[(event as { seriesIndex?: number }).seriesIndex ?? -1];
          if (line && line.run !== null) void navigate(`/sweeps/${encodeURIComponent(id)}/runs/${line.run}`);
        },
      },
      { name: 'mouseover', handler: (event) => setLit((event as { seriesIndex?: number }).seriesIndex ?? null) },
      { name: 'mouseout', handler: () => setLit(null) },
    ],
    [lines, id, navigate],
  );
  if (found.rows.length === 0) return <NothingToShow filter={filter} detail={detail} />;
  const sparse = curves.filter((curve) => curve.source === 'sparkline').length;
  const ends = lines.flatMap((line) => (line.run === null || line.points.length === 0 ? [] : [(line.points.at(-1) as CurvePoint)[1]]));
  const label = t('views.equity.label', { count: ends.length, low: format.percent(ends.length > 0 ? Math.min(...ends) : null), high: format.percent(ends.length > 0 ? Math.max(...ends) : null) });
  return (
    <>
      {error !== null && <Failure error={error} />}
      <p className="view-note" role="status">
        {waiting > 0 ? t('views.equity.waiting', { count: waiting }) : sparse > 0 ? t('views.equity.sparse', { count: sparse }) : t('views.equity.hint')}
      </p>
      <div className="view-columns">
        <EChart option={option} height={height} label={label} events={events} onReady={(made) => (chart.current = made)} />
        <div className="view-side">
          {columns.inputs.length > 0 && <p className="view-note view-lines-head">{columns.inputs.map((column) => column.name).join(' · ')}</p>}
          <LineList id={id} lines={lines} rows={found.rows} columns={columns} lit={lit} onLight={light} />
        </div>
      </div>
    </>
  );
}

export default function EquityView({ id, detail, filter }: ViewProps) {
  const t = useT();
  const state = useViewState('eq');
  const columns = useMemo(() => columnsOf(detail), [detail]);
  const selected = filter.filter.compare;
  const comparing = selected.length >= 2 && state.get('what') !== 'top';
  const top = TOPS.find((one) => one === state.get('top')) ?? '10';
  const wanted = useMemo(() => [...new Set(['run', ...columns.inputs.map((column) => column.name), columns.rank.name, 'initialBalance'])], [columns]);
  const rows = useEquityRows(id, filter.runs, Number(top), comparing ? selected : [], wanted);
  const options = [...TOPS.map((n) => [n, t('views.equity.first', { count: n })] as const), ...(selected.length >= 2 ? [['compare', t('views.equity.selected', { count: selected.length })] as const] : [])];
  return (
    <section className="view" aria-label={t('views.equity')}>
      <div className="view-controls">
        <Choice
          label={t('views.runs')}
          value={comparing ? 'compare' : top}
          options={options}
          onChange={(next) => state.set(next === 'compare' ? { what: null } : { top: next === '10' ? null : next, what: selected.length >= 2 ? 'top' : null })}
        />
        {rows.data && !comparing && <span className="soft">{t('views.equity.of', { total: format.count(rows.data.total) })}</span>}
      </div>
      {leavesOutDone(filter.filter) && !comparing ? (
        <NothingToShow filter={filter} detail={detail} />
      ) : (
        <Answer query={rows} height={440}>
          {(found) => <Overlay id={id} detail={detail} found={found} columns={columns} filter={filter} />}
        </Answer>
      )}
    </section>
  );
}
