// The histogram as a stepped area, whose steps are exactly the bins, with lines at quantiles and the mean.
import type { EChartsCoreOption } from 'echarts/core';
import type { Schemas } from '../../../api/client';
import * as format from '../../../parts/format';
import type { Translate } from '../../../i18n';
import { tooltipElement } from './chart_tooltip';
import { formatCell, formatTick, type Column } from './view_columns';

export type Distribution = Schemas['Distribution'];
export interface Bin {
  from: number;
  to: number;
  count: number;
}

export function binsOf(answer: Pick<Distribution, 'bins' | 'edges'>): Bin[] {
  return answer.bins.flatMap((count, i) => {
    const [from, to] = [answer.edges[i], answer.edges[i + 1]];
    return typeof from === 'number' && typeof to === 'number' ? [{ from, to, count }] : [];
  });
}

/** Corners of the steps: the count of a bin holds from its lower edge on, and ends at the last bin's upper edge. */
export function stepsOf(bins: readonly Bin[]): [number, number][] {
  const last = bins.at(-1);
  return last ? [...bins.map((bin): [number, number] => [bin.from, bin.count]), [last.to, last.count]] : [];
}

export interface Mark {
  name: string;
  value: number;
  level: number; // how far up its label stands, so that labels beside each other do not meet
}

/** Levels so that labels `room` apart or nearer do not stand on the same one. Levels beyond the third begin anew. */
export function levelled(marks: readonly Omit<Mark, 'level'>[], room: number): Mark[] {
  const ends: number[] = [];
  return marks
    .toSorted((a, b) => a.value - b.value)
    .map((mark) => {
      const free = ends.findIndex((end) => mark.value - end >= room);
      const level = free >= 0 ? free : ends.length < 3 ? ends.length : ends.indexOf(Math.min(...ends));
      ends[level] = mark.value;
      return { ...mark, level };
    });
}

export function marksOf(answer: Distribution, t: Translate, room: number): Mark[] {
  const q = answer.quantiles;
  const all = [
    { name: '5 %', value: q['0.05'] },
    { name: '25 %', value: q['0.25'] },
    { name: t('views.median'), value: q['0.5'] },
    { name: '75 %', value: q['0.75'] },
    { name: '95 %', value: q['0.95'] },
    { name: t('views.mean'), value: answer.mean },
  ];
  return levelled(all.flatMap(({ name, value }) => (value === null ? [] : [{ name, value }])), room);
}

/** Room above and below the histogram: labels of the lines, and the axis. */
export const PLOT = { top: 62, bottom: 44 };

export interface Tones {
  accent: string;
  line: string;
  soft: string;
  text: string;
}

export function distributionOption(answer: Distribution, column: Column, t: Translate, tones: Tones, width: number): EChartsCoreOption {
  const bins = binsOf(answer);
  const [low, high] = [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1];
  // One value alone has a range of no width: it becomes a narrow bar in the middle.
  const room = low < high ? 0 : Math.abs(low) * 0.05 || 0.05;
  const steps = room > 0 ? [[low - room, 0] as const, ...stepsOf(bins.map((bin) => ({ ...bin, from: low - room / 20, to: high + room / 20 }))), [high + room / 20, 0] as const] : stepsOf(bins);
  const marks = marksOf(answer, t, ((high - low) * 64) / Math.max(200, width));
  return {
    grid: { left: 56, right: 20, ...PLOT },
    xAxis: { type: 'value', min: low - room, max: high + room, name: column.name, nameLocation: 'middle', nameGap: 28, splitLine: { show: false }, axisLabel: { formatter: (value: number) => formatTick(column, value), hideOverlap: true, showMinLabel: false, showMaxLabel: false } },
    yAxis: { type: 'value', min: 0, minInterval: 1, axisLabel: { formatter: (value: number) => format.count(value) } },
    tooltip: {
      trigger: 'axis',
      axisPointer: { type: 'line', lineStyle: { color: tones.soft } },
      formatter: (items: unknown) => {
        const bin = bins[Math.min(bins.length - 1, (items as { dataIndex: number }[])[0]?.dataIndex ?? 0)];
        return bin ? tooltipElement(room > 0 ? formatCell(column, bin.from) : `${formatCell(column, bin.from)} … ${formatCell(column, bin.to)}`, [{ name: t('views.runs'), text: format.count(bin.count) }]) : '';
      },
    },
    series: [
      {
        type: 'line',
        step: 'end',
        data: steps,
        symbol: 'none',
        lineStyle: { color: tones.accent, width: 1.25 },
        areaStyle: { color: tones.accent, opacity: 0.35, origin: 'start' },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { position: 'end', color: tones.soft, fontSize: 12 },
          data: marks.map((mark) => ({
            xAxis: mark.value,
            label: { formatter: mark.name, distance: 4 + mark.level * 16 },
            lineStyle: { color: mark.name === t('views.mean') ? tones.text : tones.soft, type: mark.name === t('views.mean') ? 'dashed' : 'solid', width: mark.name === t('views.median') ? 2 : 1 },
          })),
        },
      },
    ],
  };
}
