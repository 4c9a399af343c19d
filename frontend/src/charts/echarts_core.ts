// What the pages use of ECharts, so that nothing else is bundled. Loaded by EChart.tsx only, when the first chart is shown.
// Heatmaps and parallel coordinates are drawn by pages/sweep/views itself.
import { LineChart, ScatterChart } from 'echarts/charts';
import { AriaComponent, AxisPointerComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([AriaComponent, AxisPointerComponent, CanvasRenderer, GridComponent, LineChart, MarkLineComponent, ScatterChart, TooltipComponent]);

export { init };
