// A small equity curve: the line, and where it began as a faint level.
interface Props {
  values: readonly (number | null)[];
  width?: number;
  height?: number;
  label: string;
}

/** Points of an SVG polyline; missing values end it. */
export function sparklinePoints(values: readonly (number | null)[], width: number, height: number): string {
  const shown = values.filter((v): v is number => v !== null);
  if (shown.length < 2) return '';
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  const span = high - low || 1;
  return shown.map((v, i) => `${((i / (shown.length - 1)) * width).toFixed(1)},${(height - 1 - ((v - low) / span) * (height - 2)).toFixed(1)}`).join(' ');
}

export function Sparkline({ values, width = 96, height = 22, label }: Props) {
  const shown = values.filter((v): v is number => v !== null);
  const first = shown[0];
  const last = shown.at(-1);
  const better = first !== undefined && last !== undefined && last >= first;
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} preserveAspectRatio="none">
      <polyline points={sparklinePoints(values, width, height)} fill="none" stroke={better ? 'var(--up)' : 'var(--down)'} strokeWidth="1.25" />
    </svg>
  );
}
