import { Component, lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import { Failure, Loading } from '../../parts/states';
import type { ViewName } from './sweep_filter';
import type { ViewProps } from './view_props';

const COMPONENTS: Record<Exclude<ViewName, 'table'>, ComponentType<ViewProps>> = {
  heatmap: lazy(() => import('./views/HeatmapView')),
  parallel: lazy(() => import('./views/ParallelView')),
  distribution: lazy(() => import('./views/DistributionView')),
  importance: lazy(() => import('./views/ImportanceView')),
  equity: lazy(() => import('./views/EquityView')),
  scatter: lazy(() => import('./views/ScatterView')),
};

/** A view that throws (or whose file does not arrive) leaves the table beside it alone. */
class ViewBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    return this.state.error ? <Failure error={this.state.error} retry={() => this.setState({ error: null })} /> : this.props.children;
  }
}

export function ViewArea({ view, ...props }: ViewProps & { view: Exclude<ViewName, 'table'> }) {
  const View = COMPONENTS[view];
  return (
    <ViewBoundary key={view}>
      <Suspense fallback={<Loading />}>
        <View {...props} />
      </Suspense>
    </ViewBoundary>
  );
}
