import type { EChartsCoreOption } from 'echarts/core';
import * as format from '../../../parts/format';
import { tooltipElement } from './chart_tooltip';
import { valueAt, type CurvePoint } from './equity_curves';

export interface EquityLine {
  name: string;
  run: number | null; // null: buy and hold
  points: readonly CurvePoint[];
  colour: string;
}
const IN_TOOLTIP = 10;

export function equityOption(lines: readonly EquityLine[], tones: { soft: string }, more: (count: number) => string): EChartsCoreOption {
  const many = lines.length > 12;
  return {
    useUTC: true,
    grid: { left: 64, right: 16, top: 12, bottom: 28 },
    xAxis: { type: 'time', splitLine: { show: false }, axisLabel: { hideOverlap: true } },
    yAxis: { type: 'value', scale: true, axisLabel: { formatter: (value: number) => `${format.significant(value * 100, 4)}%` } },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'line', triggerEmphasis: false, lineStyle: { color: tones.soft } },
      formatter: (items: unknown) => {
        const at = (items as { axisValue?: number }[])[0]?.axisValue;
        if (at === undefined) return '';
        const values = lines.flatMap((line) => {
          const value = valueAt(line.points, at);
          return value === null ? [] : [{ name: line.name, value, colour: line.colour }];
        });
        const sorted = values.toSorted((a, b) => b.value - a.value);
        const left = sorted.length - IN_TOOLTIP;
        return tooltipElement(format.time(at), sorted.slice(0, IN_TOOLTIP).map(({ name, value, colour }) => ({ name, colour, text: format.percent(value) })), left > 0 ? more(left) : '');
      },
    },
    series: lines.map((line) => ({
      type: 'line',
      name: line.name,
      data: line.points,
      symbol: 'none',
      triggerEvent: line.run === null ? false : 'line',
      z: line.run === null ? 4 : 2,
      lineStyle: { color: line.colour, width: line.run === null ? 2 : many ? 1 : 1.5, type: line.run === null ? 'dashed' : 'solid', opacity: many && line.run !== null ? 0.75 : 1 },
      itemStyle: { color: line.colour },
      emphasis: { focus: 'series', lineStyle: { width: 3, opacity: 1 } },
      blur: { lineStyle: { opacity: 0.15 } },
    })),
  };
}
