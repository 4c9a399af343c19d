// What the pages use of ECharts, so that nothing else is bundled. Loaded by EChart.tsx only, when the first chart is shown.
import { BarChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, AxisPointerComponent, BrushComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, ParallelComponent, ToolboxComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
  AriaComponent, AxisPointerComponent, BarChart, BrushComponent, CanvasRenderer, DataZoomComponent, GridComponent, HeatmapChart, LegendComponent,
  LineChart, MarkLineComponent, ParallelChart, ParallelComponent, ScatterChart, ToolboxComponent, TooltipComponent, VisualMapComponent,
]);

export { init };
