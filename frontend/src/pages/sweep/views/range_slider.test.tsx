import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useState } from 'react';
import { NO_FILTER, type SweepFilter } from '../sweep_filter';
import type { SweepFilterState } from '../use_sweep_filter';
import { parallelFrame } from './parallel_paint';
import { ParallelThumbs } from './ParallelThumbs';
import { RangeSliders } from './RangeSlider';
import { columnsOf, type Column } from './view_columns';
import { sweepDetail } from './view_fixture';

const columns = columnsOf(sweepDetail);
const column = (name: string): Column => columns.byName.get(name) as Column;
let last: SweepFilter = NO_FILTER;

/** A filter as the page has it, without the address. */
function Page({ children }: { children: (state: SweepFilterState) => React.ReactNode }) {
  const [filter, setFilter] = useState(NO_FILTER);
  last = filter;
  const [change] = useState(() => (patch: Parameters<SweepFilterState['change']>[0]) => setFilter((now) => ({ ...now, ...(typeof patch === 'function' ? patch(now) : patch) })));
  return children({ filter, query: {}, runs: {}, change });
}
const rest = (): void => act(() => void vi.advanceTimersByTime(200));
const press = (key: string): void => void fireEvent.keyDown(document.activeElement as Element, { key });
const conditions = () => ({ bounds: last.bounds, fixed: last.fixed });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('two thumbs', () => {
  it('are sliders that say where they are, and set the shared filter when they rest', () => {
    render(<Page>{(filter) => <RangeSliders columns={[column('fast'), column('fast')]} filter={filter} />}</Page>);
    const low = screen.getByRole('slider', { name: 'fast, at least' });
    const high = screen.getByRole('slider', { name: 'fast, at most' });
    expect([low.getAttribute('aria-valuenow'), low.getAttribute('aria-valuetext')]).toEqual(['5', '5, no limit']);
    low.focus();
    press('ArrowRight');
    expect(low.getAttribute('aria-valuetext')).toBe('10');
    expect(high.getAttribute('aria-valuemin')).toBe('10');
    expect(conditions()).toEqual({ bounds: {}, fixed: {} });
    rest();
    expect(conditions()).toEqual({ bounds: { fast: { min: 10 } }, fixed: {} });
    high.focus();
    press('ArrowLeft');
    rest();
    expect(conditions()).toEqual({ bounds: { fast: { min: 10, max: 10 } }, fixed: {} });
    press('Delete');
    expect(conditions()).toEqual({ bounds: {}, fixed: {} });
  });
  it('leave keys alone that are not theirs', () => {
    render(<Page>{(filter) => <RangeSliders columns={[column('fast')]} filter={filter} />}</Page>);
    const low = screen.getByRole('slider', { name: 'fast, at least' });
    for (const event of [{ key: 'a' }, { key: 'Escape' }, { key: 'ArrowRight', ctrlKey: true }]) expect(fireEvent.keyDown(low, event)).toBe(true);
    expect(fireEvent.keyDown(low, { key: 'ArrowRight' })).toBe(false);
  });
  it('that leave the page before they rest have counted', () => {
    const { rerender } = render(<Page>{(filter) => <RangeSliders columns={[column('fast')]} filter={filter} />}</Page>);
    screen.getByRole('slider', { name: 'fast, at least' }).focus();
    press('End');
    rerender(<Page>{() => null}</Page>);
    expect(conditions()).toEqual({ bounds: { fast: { min: 15 } }, fixed: {} });
  });
});

describe('axes', () => {
  const axes = [column('fast'), column('average'), column('maxDrawdown')];
  const show = () => render(<Page>{(filter) => <ParallelThumbs axes={axes} frame={parallelFrame(900, 400, 3)} filter={filter} />}</Page>);
  it('have one stop of the Tab key for each limit; left and right go to the next axis', () => {
    show();
    const stops = () => screen.getAllByRole('slider').filter((thumb) => thumb.tabIndex === 0).map((thumb) => thumb.getAttribute('aria-label'));
    expect(stops()).toEqual(['fast, at least', 'fast, at most']);
    screen.getByRole('slider', { name: 'fast, at most' }).focus();
    press('ArrowRight');
    expect(stops()).toEqual(['average']);
    press('ArrowRight');
    press('ArrowRight'); // there is no further one
    expect(stops()).toEqual(['maxDrawdown, at least', 'maxDrawdown, at most']);
    press('ArrowLeft');
    press('ArrowLeft');
    expect((document.activeElement as HTMLElement).getAttribute('aria-label')).toBe('fast, at least');
  });
  it('of numbers are limited, of names fixed, and freed again', () => {
    show();
    screen.getByRole('slider', { name: 'fast, at least' }).focus();
    press('ArrowUp');
    rest();
    press('ArrowRight');
    const names = document.activeElement as HTMLElement;
    expect(names.getAttribute('aria-valuetext')).toBe('any');
    press('ArrowUp');
    expect(names.getAttribute('aria-valuetext')).toBe('ema');
    press('ArrowUp');
    expect(conditions()).toEqual({ bounds: { fast: { min: 10 } }, fixed: { average: 'sma' } });
    press('Escape');
    expect(conditions()).toEqual({ bounds: { fast: { min: 10 } }, fixed: {} });
  });
});
