// Points of a scatter: two columns as positions, a third as colour. Names stand at 0, 1, 2, ... and are spread a little around it.
import type { EChartsCoreOption } from 'echarts/core';
import { tooltipElement, type TooltipRow } from './chart_tooltip';
import type { Interval } from './brush_filter';
import { colourAt, css, LINES, type Scale } from './view_colours';
import { formatCell, formatTick, indexOfValue, type Cell, type Column } from './view_columns';

export interface Point {
  run: number;
  x: number;
  y: number;
  cells: readonly Cell[]; // x, y, colour as they are
}

/** A spread of a run around the place of its name, the same each time, within ±0.3. */
export const spread = (run: number): number => (((run * 61_803) % 100_003) / 100_003 - 0.5) * 0.6;

/** Where a cell lies on the axis of a column; null where it has no place. */
export function place(column: Column, cell: Cell | undefined, run: number): number | null {
  if (column.numeric) return typeof cell === 'number' ? cell : null;
  const at = indexOfValue(column, cell);
  return at < 0 ? null : at + spread(run);
}

/** Points of rows [run, ..., ] whose columns are named; runs without a place on an axis have no point. */
export function pointsOf(rows: readonly (readonly Cell[])[], names: readonly string[], x: Column, y: Column, colour: Column): Point[] {
  const [at, up, tone] = [names.indexOf(x.name), names.indexOf(y.name), names.indexOf(colour.name)];
  return rows.flatMap((row) => {
    const run = row[0];
    if (typeof run !== 'number') return [];
    const [px, py] = [place(x, row[at], run), place(y, row[up], run * 7 + 3)];
    return px === null || py === null ? [] : [{ run, x: px, y: py, cells: [row[at] ?? null, row[up] ?? null, row[tone] ?? null] }];
  });
}

/** The ends of an axis: of the points for numbers (with room for marks at the rim), of the names else. */
export function endsOf(column: Column, places: readonly number[]): Interval {
  if (!column.numeric) return [-0.5, Math.max(1, column.values?.length ?? 1) - 0.5];
  let [low, high] = [Infinity, -Infinity];
  for (const value of places) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(low <= high)) return [0, 1];
  return low === high ? [low - (Math.abs(low) || 1) * 0.05, high + (Math.abs(high) || 1) * 0.05] : [low, high];
}

export function colourOf(column: Column, scale: Scale | null, cell: Cell | undefined, none: string): string {
  if (!column.numeric) {
    const at = indexOfValue(column, cell);
    return at < 0 ? none : (LINES[at % LINES.length] as string);
  }
  return typeof cell === 'number' && scale ? css(colourAt(scale, cell)) : none;
}

function axis(column: Column, ends: Interval): Record<string, unknown> {
  const shared = { type: 'value', name: column.name, nameLocation: 'middle', min: ends[0], max: ends[1] };
  if (column.numeric) {
    const margin = (ends[1] - ends[0]) * 0.02;
    return { ...shared, min: ends[0] - margin, max: ends[1] + margin, axisLabel: { formatter: (value: number) => formatTick(column, value), showMinLabel: false, showMaxLabel: false, hideOverlap: true } };
  }
  // Ticks of a value axis that begins at -0.5 lie between the names: its labels are asked for at 0.5 steps, and only whole ones have text.
  return { ...shared, interval: 0.5, splitLine: { show: false }, axisTick: { show: false }, axisLabel: { formatter: (value: number) => (Number.isInteger(value) ? formatCell(column, column.values?.[value]) : '') } };
}

export function scatterOption(points: readonly Point[], x: Column, y: Column, colour: Column, scale: Scale | null, none: string, runName: (run: number) => string): EChartsCoreOption {
  const ends = (column: Column, of: (point: Point) => number): Interval => endsOf(column, points.map(of));
  return {
    grid: { left: 76, right: 20, top: 12, bottom: 48 },
    xAxis: { ...axis(x, ends(x, (point) => point.x)), nameGap: 30 },
    yAxis: { ...axis(y, ends(y, (point) => point.y)), nameGap: 58 },
    tooltip: {
      trigger: 'item',
      formatter: (item: unknown) => {
        const point = points[(item as { dataIndex: number }).dataIndex];
        if (!point) return '';
        const rows = new Map<string, TooltipRow>();
        [x, y, colour].forEach((column, i) => rows.set(column.name, { name: column.name, text: formatCell(column, point.cells[i]) }));
        return tooltipElement(runName(point.run), [...rows.values()]);
      },
    },
    series: [
      {
        type: 'scatter',
        data: points.map((point) => [point.x, point.y]),
        symbolSize: points.length > 2000 ? 5 : points.length > 400 ? 7 : 9,
        itemStyle: { opacity: points.length > 2000 ? 0.7 : 0.85, color: (item: { dataIndex: number }) => colourOf(colour, scale, points[item.dataIndex]?.cells[2], none) },
        emphasis: { scale: 1.8, itemStyle: { opacity: 1 } },
        cursor: 'pointer',
        progressive: 0,
      },
    ],
  };
}
