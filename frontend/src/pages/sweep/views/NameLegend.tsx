import { LINES } from './view_colours';
import { formatCell, type Column } from './view_columns';

/** Colours of a column whose values are names. */
export function NameLegend({ column }: { column: Column }) {
  return (
    <div className="view-legend">
      <span className="view-legend-name">{column.name}</span>
      {(column.values ?? []).slice(0, LINES.length).map((value, at) => (
        <span key={String(value)} className="row">
          <i className="view-legend-key" style={{ background: LINES[at % LINES.length] }} aria-hidden="true" />
          {formatCell(column, value)}
        </span>
      ))}
    </div>
  );
}
