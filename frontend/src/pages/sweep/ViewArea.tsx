import { Component, lazy, Suspense, type ComponentType, type ReactNode } from 'react';
import { Failure, Loading } from '../../parts/states';
import type { ViewName } from './sweep_filter';
import type { ViewProps } from './view_props';

const FILES = import.meta.glob<{ default: ComponentType<ViewProps> }>('./views/*View.tsx');
const view = (name: string) => lazy(() => FILES[`./views/${name}View.tsx`]?.() ?? Promise.reject(new Error(`${name}: no such view`)));
const COMPONENTS: Record<Exclude<ViewName, 'table'>, ComponentType<ViewProps>> = {
  heatmap: view('Heatmap'),
  parallel: view('Parallel'),
  distribution: view('Distribution'),
  importance: view('Importance'),
  equity: view('Equity'),
  scatter: view('Scatter'),
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
