// Equity, drawdown and buy & hold at the bars that are drawn. The library joins the times of all series into one axis, so a curve
// has exactly the bars' times: of the curve's points within a bar the last equity and the deepest drawdown; bars without a point lie
// on the line between their neighbours, as a decimated curve means it.
import type { Curve } from './candle_source';
import { barIndexAt, type BarWindow } from './bar_window';

export interface BarCurve {
  equity: Float64Array; // NaN: not known
  drawdown: Float64Array;
  buyHold: Float64Array;
}

function fillBetween(values: Float64Array, from: number, to: number): void {
  const left = values[from] ?? NaN;
  const right = values[to] ?? NaN;
  for (let i = from + 1; i < to; i++) values[i] = left + ((right - left) * (i - from)) / (to - from);
}

/** Straight lines over the gaps between known values; nothing before the first and after the last. */
function interpolate(values: Float64Array): void {
  let before = -1;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    if (before >= 0 && i > before + 1) fillBetween(values, before, i);
    before = i;
  });
}

/** Buy & hold of so many units: their worth at each bar's close. */
export const heldAtBars = (window: BarWindow, units: number): Float64Array => Float64Array.from(window.bars, ({ close }) => units * close);

export function curveAtBars(window: BarWindow, curves: readonly Curve[]): BarCurve {
  const count = window.bars.length;
  const column = () => new Float64Array(count).fill(NaN);
  const found: BarCurve = { equity: column(), drawdown: column(), buyHold: column() };
  for (const curve of curves)
    for (let p = 0; p < curve.time.length; p++) {
      const i = barIndexAt(window, curve.time[p] ?? NaN);
      if (i < 0) continue;
      found.equity[i] = curve.equity[p] ?? NaN;
      found.buyHold[i] = curve.buyHold[p] ?? NaN;
      const deepest = found.drawdown[i] ?? NaN;
      const drawdown = curve.drawdown[p] ?? NaN;
      found.drawdown[i] = Number.isNaN(deepest) ? drawdown : Math.max(deepest, drawdown);
    }
  interpolate(found.equity);
  interpolate(found.drawdown);
  interpolate(found.buyHold);
  return found;
}
