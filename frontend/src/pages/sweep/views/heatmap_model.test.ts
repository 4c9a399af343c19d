import { describe, expect, it } from 'vitest';
import { below } from '../bound_text';
import { axisOf, binsOf, chosenAxes, defaultAxes, limitsOf, limitsText, moved, queryWithout, rankedCells, sliderPosition, sliderStops, stepConditions, stepOf, stepText, ticksOf, type Heatmap } from './heatmap_model';
import { cellAt, cellBox, frameOf } from './heatmap_paint';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;
const none = { bounds: {}, fixed: {} };
const fast = axisOf(column('fast'), { name: 'fast', values: [5, 10, 15] });
const threshold = axisOf(column('threshold'), { name: 'threshold', edges: [0, 0.005, 0.01, 0.02] });

describe('an axis', () => {
  it('of values has a step a value', () => {
    expect(fast.size).toBe(3);
    expect(stepText(fast, 1)).toBe('10');
    expect(ticksOf(fast, 0.3)).toEqual([{ at: 0.5, text: '5' }, { at: 1.5, text: '10' }, { at: 2.5, text: '15' }]);
    expect(ticksOf(fast, 1.2).map((tick) => tick.text)).toEqual(['5', '15']);
  });
  it('of ranges has one step less than limits, and its ticks are the limits', () => {
    expect(threshold.size).toBe(3);
    expect(stepText(threshold, 0)).toBe('0 … 0.005');
    expect(ticksOf(threshold, 1)).toEqual([{ at: 0, text: '0' }, { at: 1, text: '0.005' }, { at: 2, text: '0.01' }, { at: 3, text: '0.02' }]);
  });
  it('writes neat limits as they are, others as exactly as a range needs', () => {
    const text = (edges: number[]): string => stepText(axisOf(column('threshold'), { name: 'threshold', edges }), 0);
    expect(text([1000.25, 1000.5, 1000.75])).toBe('1,000.25 … 1,000.5');
    expect(text([0, 0.0125, 0.025])).toBe('0 … 0.0125');
    expect(text([-1e-17, 1 / 3, 2 / 3])).toBe('0 … 0.3333');
  });
  it('of whole numbers has ranges from one number to another', () => {
    const axis = axisOf(column('fast'), { name: 'fast', edges: [5, 10, 15] });
    expect([0, 1].map((at) => stepText(axis, at))).toEqual(['5 … 9', '10 … 15']); // the last range holds both limits
    expect(stepConditions(none, axis, 0).bounds).toEqual({ fast: { min: 5, max: 9 } });
    expect(stepConditions(none, axis, 1).bounds).toEqual({ fast: { min: 10, max: 15 } });
    const each = axisOf(column('fast'), { name: 'fast', edges: [5, 6, 7] });
    expect([0, 1].map((at) => stepText(each, at))).toEqual(['5', '6']);
    expect(stepConditions(none, each, 1).bounds).toEqual({ fast: { min: 6, max: 6 } });
    for (const of of [axis, each]) for (const at of [0, 1]) expect(stepOf(stepConditions(none, of, at), of)).toBe(at);
  });
});

describe('a chosen cell', () => {
  it('fixes values', () => {
    expect(stepConditions(none, fast, 1)).toEqual({ bounds: {}, fixed: { fast: '10' } });
  });
  it('bounds a range, whose upper limit belongs to the next one, but for the last', () => {
    expect(stepConditions(none, threshold, 0).bounds['threshold']).toEqual({ min: 0, max: below(0.005) });
    expect(stepConditions(none, threshold, 2).bounds['threshold']).toEqual({ min: 0.01, max: 0.02 });
    expect(below(0.005)).toBeLessThan(0.005);
    expect(below(1)).toBe(1 - Number.EPSILON / 2);
    expect(below(-1)).toBe(-1 - Number.EPSILON);
    expect(below(0)).toBe(-5e-324);
  });
  it('is known again from the filter', () => {
    for (const axis of [fast, threshold]) for (const at of [0, 1, 2]) expect(stepOf(stepConditions(none, axis, at), axis)).toBe(at);
    expect(stepOf(none, fast)).toBe(-1);
    expect(stepOf(none, threshold)).toBe(-1);
    expect(stepOf({ bounds: { threshold: { min: 0.005, max: 0.02 } }, fixed: {} }, threshold)).toBe(-1);
  });
  it('leaves the limits that were there before in the address', () => {
    const now = { bounds: { fast: { min: 7 }, slow: { min: -1.5, max: 0.2 }, other: { max: 1 } }, fixed: {} };
    expect(limitsText(now, ['fast', 'slow'])).toBe('7~~-1.5~0.2');
    expect(limitsOf('7~~-1.5~0.2', ['fast', 'slow'])).toEqual({ fast: { min: 7 }, slow: { min: -1.5, max: 0.2 } });
    expect(limitsText(none, ['fast', 'slow'])).toBe('1');
    for (const text of ['1', null, '', '1~2', 'a~b~ ~']) expect(limitsOf(text, ['fast', 'slow'])).toEqual({});
  });
  it('does not cut its own map', () => {
    expect(queryWithout({ where: 'x > 1', 'min.fast': 1, 'fixed.average': 'ema', 'fixed.fast': '5', 'max.faster': 3 }, ['fast', 'slow'])).toEqual({ where: 'x > 1', 'fixed.average': 'ema', 'max.faster': 3 });
  });
});

describe('ranges', () => {
  it('are asked for where an axis can have them', () => {
    expect(binsOf('20', column('threshold'))).toBe(20);
    expect(binsOf('20', column('average'))).toBeUndefined();
    expect(binsOf('20', column('profitRate'))).toBeUndefined();
    for (const text of ['17', 'many', '', null]) expect(binsOf(text, column('fast'))).toBeUndefined();
    expect(binsOf('each', column('fast'))).toBe(0);
    expect(binsOf('each', column('threshold'))).toBeUndefined(); // its values are too many
  });
});

describe('the axes of a map', () => {
  it('are two numbers that vary, if there are', () => {
    expect(defaultAxes(columns)).toEqual(['fast', 'threshold']);
  });
  it('are the symbol where only one parameter varies', () => {
    const one = columnsOf({ ...sweepDetail, parameters: sweepDetail.parameters.slice(1, 2) });
    expect(defaultAxes(one)).toEqual(['fast', 'symbol']);
    expect(defaultAxes(columnsOf({ ...sweepDetail, parameters: [] }))).toEqual(['symbol', 'interval']);
  });
  it('are those chosen, if they are columns and two', () => {
    expect(chosenAxes(columns, 'average', 'fast')).toEqual(['average', 'fast']);
    expect(chosenAxes(columns, 'nope', 'profitRate')).toEqual(['fast', 'threshold']);
    expect(chosenAxes(columns, 'fast', 'fast')).toEqual(['fast', 'threshold']);
    expect(chosenAxes(columns, 'threshold', null)).toEqual(['threshold', 'fast']);
    expect(chosenAxes(columns, null, 'fast')).toEqual(['threshold', 'fast']);
  });
});

describe('keys', () => {
  it('move the cursor and stop at the rim', () => {
    expect(moved({ x: 1, y: 1 }, 'ArrowRight', 3, 3)).toEqual({ x: 2, y: 1 });
    expect(moved({ x: 2, y: 1 }, 'ArrowRight', 3, 3)).toEqual({ x: 2, y: 1 });
    expect(moved({ x: 1, y: 1 }, 'ArrowUp', 3, 3)).toEqual({ x: 1, y: 2 });
    expect(moved({ x: 1, y: 0 }, 'ArrowDown', 3, 3)).toEqual({ x: 1, y: 0 });
    expect(moved({ x: 1, y: 100 }, 'PageDown', 3, 200)).toEqual({ x: 1, y: 80 });
    expect(moved({ x: 1, y: 1 }, 'End', 3, 3)).toEqual({ x: 2, y: 1 });
  });
  it('of others are not taken', () => {
    expect(moved({ x: 1, y: 1 }, 'Tab', 3, 3)).toBeNull();
  });
});

describe('the list of cells', () => {
  const map = { cells: [[0.3, null], [0.1, 0.2]], counts: [[1, 0], [2, 3]], best_run: [[7, null], [8, 9]] } as unknown as Heatmap;
  it('has those with runs, the best first', () => {
    expect(rankedCells(map, 1)).toEqual([{ x: 0, y: 0, value: 0.3, count: 1, run: 7 }, { x: 1, y: 1, value: 0.2, count: 3, run: 9 }, { x: 0, y: 1, value: 0.1, count: 2, run: 8 }]);
    expect(rankedCells(map, -1).map((cell) => cell.run)).toEqual([8, 9, 7]);
  });
});

describe('places on the canvas', () => {
  const frame = frameOf(500, 400, threshold, fast, () => 30);
  it('of cells meet without gaps and give the cell back', () => {
    for (let x = 0; x < 3; x++)
      for (let y = 0; y < 3; y++) {
        const box = cellBox(frame, threshold, fast, { x, y });
        expect(cellAt(frame, threshold, fast, box.left + box.width / 2, box.top + box.height / 2)).toEqual({ x, y });
        if (x < 2) expect(box.left + box.width).toBe(cellBox(frame, threshold, fast, { x: x + 1, y }).left);
        if (y < 2) expect(box.top).toBe(cellBox(frame, threshold, fast, { x, y: y + 1 }).top + cellBox(frame, threshold, fast, { x, y: y + 1 }).height);
      }
  });
  it('leave room for the tick below the right end', () => {
    expect(frame.right).toBe(500 - 17);
    expect(frameOf(500, 400, fast, fast, () => 30).right).toBe(490);
  });
  it('beside the map are none', () => {
    expect(cellAt(frame, threshold, fast, frame.left - 1, frame.top + 5)).toBeNull();
    expect(cellAt(frame, threshold, fast, frame.left + 5, frame.bottom)).toBeNull();
  });
});

describe('sliders', () => {
  it('stop at every value', () => {
    const stops = sliderStops(column('fast'));
    expect(stops.map((stop) => stop.text)).toEqual(['5', '10', '15']);
    expect(stops[2]?.apply({ bounds: { fast: { min: 3 } }, fixed: { average: 'ema' } })).toEqual({ bounds: {}, fixed: { average: 'ema', fast: '15' } });
  });
  it('stop at tenths of the range where values are too many', () => {
    const stops = sliderStops(column('threshold'));
    expect(stops).toHaveLength(10);
    expect(stops[0]?.text).toBe('0 … 0.002');
    expect(stops[9]?.apply(none).bounds).toEqual({ threshold: { min: 0.018, max: 0.02 } });
  });
  it('stop at ranges where values were drawn at random', () => {
    const drawn: Column = { ...column('fast'), minimum: 7, maximum: 28, values: Array.from({ length: 22 }, (_, i) => 7 + i) };
    expect(sliderStops(drawn, 300).map((stop) => stop.text)).toEqual(['5 … 9', '10 … 14', '15 … 19', '20 … 24', '25 … 30']);
    expect(sliderStops(drawn, 22 * 20)).toHaveLength(22); // a grid: one value leaves 20 runs
    expect(sliderStops({ ...drawn, values: drawn.values?.slice(0, 20) ?? null }, 30)).toHaveLength(20);
  });
  it('stand where the filter is, at any, or at none of their stops', () => {
    const stops = sliderStops(column('fast'));
    expect(sliderPosition(none, column('fast'), stops)).toBe(0);
    expect(sliderPosition({ bounds: {}, fixed: { fast: '10' } }, column('fast'), stops)).toBe(2);
    expect(sliderPosition({ bounds: { fast: { min: 7 } }, fixed: {} }, column('fast'), stops)).toBe(-1);
    expect(sliderPosition({ bounds: { other: { min: 7 } }, fixed: {} }, column('fast'), stops)).toBe(0);
  });
});
