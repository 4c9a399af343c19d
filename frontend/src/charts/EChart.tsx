// An ECharts chart as a component: loads the library when first shown, follows size and theme, and has a text alternative.
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';
import { themeColor, useTheme } from '../app/theme';

export interface ChartEvent {
  name: string; // 'click', 'mouseover', ...
  handler: (event: unknown, chart: ECharts) => void;
}

/** Options every chart starts from, in the colours of the present theme. */
export function themedOption(): EChartsCoreOption {
  const text = themeColor('--text');
  const soft = themeColor('--text-soft');
  const line = themeColor('--line');
  const axis = { axisLine: { lineStyle: { color: line } }, axisLabel: { color: soft }, splitLine: { lineStyle: { color: line, opacity: 0.6 } }, nameTextStyle: { color: soft } };
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { color: text, fontFamily: themeColor('--font') },
    categoryAxis: axis,
    valueAxis: axis,
    logAxis: axis,
    timeAxis: axis,
    tooltip: { backgroundColor: themeColor('--surface-raised'), borderColor: line, textStyle: { color: text } },
  };
}

interface Props {
  option: EChartsCoreOption;
  height: number;
  label: string; // what the chart shows, for people who do not see it
  events?: readonly ChartEvent[];
  onReady?: (chart: ECharts) => void; // made, and made again for another theme
}

export function EChart({ option, height, label, events, onReady }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();
  const [failure, setFailure] = useState<unknown>();
  const { theme } = useTheme();

  useEffect(() => {
    let made: ECharts | undefined;
    let gone = false;
    let observer: ResizeObserver | undefined;
    import('./echarts_core')
      .then(({ init }) => {
        if (gone || !holder.current) return;
        made = init(holder.current, themedOption(), { renderer: 'canvas' });
        observer = new ResizeObserver(() => made?.resize());
        observer.observe(holder.current);
        setChart(made);
        onReady?.(made);
      })
      .catch((error: unknown) => {
        if (!gone) setFailure(error); // the library did not arrive: the page around shows why and offers another try
      });
    return () => {
      gone = true;
      observer?.disconnect();
      made?.dispose();
      setChart(undefined);
    };
    // A theme is given to a chart when it is made.
    // eslint-disable-next-line
  }, [theme]);

  useEffect(() => {
    chart?.setOption({ animation: false, aria: { enabled: true, label: { description: label } }, ...option }, { notMerge: true });
  }, [chart, option, label]);

  useEffect(() => {
    if (!chart || !events) return;
    const bound = events.map(({ name, handler }) => [name, (event: unknown) => handler(event, chart)] as const);
    for (const [name, handler] of bound) chart.on(name, handler);
    return () => {
      if (chart.isDisposed()) return;
      for (const [name, handler] of bound) chart.off(name, handler);
    };
  }, [chart, events]);

  if (failure !== undefined) throw failure;
  return <div ref={holder} role="img" aria-label={label} style={{ height, width: '100%' }} />;
}
