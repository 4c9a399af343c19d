import { describe, expect, it } from 'vitest';
import { binsOf, distributionOption, levelled, marksOf, stepsOf, type Distribution } from './distribution_option';
import { translator } from '../../../i18n';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const answer = {
  bins: [3, 0, 1],
  edges: [0, 1, 2, 3],
  mean: 0.9,
  quantiles: { '0.01': 0, '0.05': 0.1, '0.25': 0.4, '0.5': 0.7, '0.75': 1.5, '0.95': null, '0.99': 3 },
} as unknown as Distribution;

describe('the histogram', () => {
  it('has a step a bin, the last ends at its upper edge', () => {
    expect(binsOf(answer)).toEqual([{ from: 0, to: 1, count: 3 }, { from: 1, to: 2, count: 0 }, { from: 2, to: 3, count: 1 }]);
    expect(stepsOf(binsOf(answer))).toEqual([[0, 3], [1, 0], [2, 1], [3, 1]]);
  });
  it('of one value alone is a bar in the middle', () => {
    const alone = { ...answer, bins: [7], edges: [-0.2, -0.2], mean: -0.2, minimum: -0.2, maximum: -0.2 };
    const column = columnsOf(sweepDetail).byName.get('profitRate') as Column;
    const tones = { accent: '', line: '', soft: '', text: '' };
    const shown = (of: Distribution) => distributionOption(of, column, translator('en'), tones, 600) as unknown as { xAxis: { min: number; max: number }; series: { data: number[][] }[] };
    const { xAxis, series } = shown(alone as unknown as Distribution);
    expect([xAxis.min, xAxis.max].map((end) => end.toFixed(3))).toEqual(['-0.210', '-0.190']);
    expect(series[0]?.data.map(([x, y]) => [x?.toFixed(4), y])).toEqual([['-0.2100', 0], ['-0.2005', 7], ['-0.1995', 7], ['-0.1995', 0]]);
    expect(shown(answer).series[0]?.data).toEqual(stepsOf(binsOf(answer)));
    expect(shown({ ...alone, edges: [0, 0] } as unknown as Distribution).xAxis).toMatchObject({ min: -0.05, max: 0.05 });
  });
  it('of nothing has no steps', () => {
    expect(binsOf({ bins: [], edges: [] })).toEqual([]);
    expect(binsOf({ bins: [0], edges: [null, null] })).toEqual([]);
    expect(stepsOf([])).toEqual([]);
  });
});

describe('lines', () => {
  it('are known quantiles and the mean', () => {
    expect(marksOf(answer, translator('en'), 0).map((mark) => [mark.name, mark.value])).toEqual([['5 %', 0.1], ['25 %', 0.4], ['Median', 0.7], ['Mean', 0.9], ['75 %', 1.5]]);
  });
  it('have labels on levels of their own where they are close', () => {
    const at = (values: number[], room: number): number[] => levelled(values.map((value) => ({ name: '', value })), room).map((mark) => mark.level);
    expect(at([0, 10, 20], 5)).toEqual([0, 0, 0]);
    expect(at([0, 1, 2, 10], 5)).toEqual([0, 1, 2, 0]);
    expect(at([0, 4, 6], 5)).toEqual([0, 1, 0]);
    expect(at([0, 1, 2, 3], 5)).toEqual([0, 1, 2, 0]); // a fourth one has to meet one
  });
});
