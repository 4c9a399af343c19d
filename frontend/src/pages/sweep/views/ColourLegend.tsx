import { css, type Scale } from './view_colours';
import { formatTick, type Column } from './view_columns';

/** The colours of a scale and the figures they stand for; ≤ and ≥ where outliers have the colours of the ends. */
export function ColourLegend({ scale, column, name, minimum, maximum }: { scale: Scale; column: Column; name: string; minimum: number; maximum: number }) {
  const gradient = `linear-gradient(to right, ${scale.stops.map(css).join(', ')})`;
  return (
    <div className="view-legend">
      <span className="view-legend-name">{name}</span>
      <span>
        {minimum < scale.low && '≤ '}
        {formatTick(column, scale.low)}
      </span>
      <span className="view-legend-bar" style={{ background: gradient }} aria-hidden="true" />
      {scale.diverging && <span className="visually-hidden">0</span>}
      <span>
        {maximum > scale.high && '≥ '}
        {formatTick(column, scale.high)}
      </span>
    </div>
  );
}
