import { useSyncExternalStore } from 'react';

const ABOVE = 470; // what stands above a chart of a view on the sweep page, and a line below it
const LEAST = 280;

const subscribe = (changed: () => void): (() => void) => {
  window.addEventListener('resize', changed);
  return () => window.removeEventListener('resize', changed);
};

/** The height a chart may have so that it can be seen as a whole, in CSS pixels. */
export const chartHeight = (windowHeight: number, most: number): number => Math.max(LEAST, Math.min(most, windowHeight - ABOVE));

export const useChartHeight = (most: number): number => chartHeight(useSyncExternalStore(subscribe, () => window.innerHeight), most);
