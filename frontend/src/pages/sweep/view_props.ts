import type { Schemas } from '../../api/client';
import type { SweepFilterState } from './use_sweep_filter';

/** What every view of the sweep page gets (views/*View.tsx, default exports). */
export interface ViewProps {
  id: string;
  detail: Schemas['SweepDetail'];
  filter: SweepFilterState;
}
