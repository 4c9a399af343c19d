// Parallel coordinates: an axis a column, a line a run. Axes keep the ends they have over the whole sweep, so a brush stays where it is
// when the runs outside it go.
import type { EChartsCoreOption } from 'echarts/core';
import { tooltipElement } from './chart_tooltip';
import type { Interval } from './brush_filter';
import { colourAt, css, type Scale } from './view_colours';
import { formatCell, formatTick, indexOfValue, type Cell, type Column, type Columns } from './view_columns';

const MOST_AXES = 14;
const USUAL_METRICS = ['maxDrawdown', 'totalTrades', 'profitFactor'];

/** The axes as chosen (comma separated), else the inputs that vary, some usual metrics, and what the sweep ranks by. */
export function parallelAxes(columns: Columns, chosen: string | null): Column[] {
  const has = (column: Column | undefined): column is Column => column !== undefined && (column.numeric ? column.minimum !== null : (column.values?.length ?? 0) > 0);
  const find = (name: string): Column | undefined => (name === columns.rank.name ? columns.rank : columns.byName.get(name));
  const named = [...new Set((chosen ?? '').split(','))].map(find).filter(has);
  if (named.length >= 2) return named.slice(0, MOST_AXES);
  const metrics = [...USUAL_METRICS.filter((name) => name !== columns.rank.name), columns.rank.name].map(find).filter(has);
  return [...columns.inputs.filter(has).slice(0, MOST_AXES - metrics.length), ...metrics];
}

export function axisEnds(column: Column): Interval {
  if (!column.numeric) return [0, Math.max(0, (column.values?.length ?? 1) - 1)];
  const [low, high] = [column.minimum ?? 0, column.maximum ?? 1];
  return low < high ? [low, high] : [low - (Math.abs(low) || 1) * 0.05, low + (Math.abs(low) || 1) * 0.05];
}

/** The axes with one switched on or off, in the order in which all columns stand. At least two stay. */
export function withAxis(shown: readonly string[], all: readonly string[], name: string, on: boolean): string[] {
  const next = all.filter((one) => (one === name ? on : shown.includes(one)));
  return next.length < 2 || next.length > MOST_AXES ? [...shown] : next;
}

/** The value of a cell on an axis of names: its index; of numbers: itself. */
export function onAxis(column: Column, cell: Cell | undefined): number | null {
  if (column.numeric) return typeof cell === 'number' ? cell : null;
  const at = indexOfValue(column, cell);
  return at < 0 ? null : at;
}

interface Look {
  tones: { line: string; soft: string; accent: string; surface: string };
  scale: Scale | null;
  runName: (run: number) => string;
}

export function parallelOption(rows: readonly (readonly Cell[])[], names: readonly string[], axes: readonly Column[], rank: Column, look: Look): EChartsCoreOption {
  const at = axes.map((column) => names.indexOf(column.name));
  const rankAt = names.indexOf(rank.name);
  const drawn = rows.toReversed(); // the best on top
  const opacity = rows.length > 400 ? 0.35 : rows.length > 100 ? 0.5 : 0.7;
  return {
    parallel: { left: 48, right: 72, top: 48, bottom: 28, parallelAxisDefault: { realtime: false } },
    parallelAxis: axes.map((column, dim) => {
      const ends = axisEnds(column);
      return {
        dim,
        name: column.name,
        nameLocation: 'end',
        nameGap: dim % 2 === 0 ? 12 : 28, // long names of neighbours do not meet
        nameTextStyle: { color: look.tones.soft, fontSize: 12 },
        axisLine: { lineStyle: { color: look.tones.line, width: 1.5 } },
        areaSelectStyle: { width: 22, borderWidth: 1, borderColor: look.tones.accent, color: look.tones.accent, opacity: 0.22 },
        axisLabel: { color: look.tones.soft, textBorderColor: look.tones.surface, textBorderWidth: 3, hideOverlap: true, formatter: (value: number | string) => (column.numeric ? formatTick(column, Number(value)) : String(value)) },
        ...(column.numeric ? { type: 'value', min: ends[0], max: ends[1] } : { type: 'category', data: (column.values ?? []).map((value) => formatCell(column, value)) }),
      };
    }),
    tooltip: {
      trigger: 'item',
      formatter: (item: unknown) => {
        const row = drawn[(item as { dataIndex: number }).dataIndex];
        return row ? tooltipElement(look.runName(row[0] as number), axes.map((column, i) => ({ name: column.name, text: formatCell(column, row[at[i] ?? -1]) }))) : '';
      },
    },
    series: [
      {
        type: 'parallel',
        inactiveOpacity: opacity,
        activeOpacity: opacity,
        progressive: 0,
        smooth: false,
        emphasis: { lineStyle: { width: 3, opacity: 1 } },
        data: drawn.map((row) => {
          const rankCell = row[rankAt];
          return {
            value: axes.map((column, i) => onAxis(column, row[at[i] ?? -1]) ?? '-'),
            lineStyle: { width: 1.25, opacity, color: typeof rankCell === 'number' && look.scale ? css(colourAt(look.scale, rankCell)) : look.tones.line },
          };
        }),
      },
    ],
  };
}
