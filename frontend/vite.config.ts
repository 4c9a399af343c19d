import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { docs } from './script/docs_plugin.ts';
import { pyodideFiles } from './script/pyodide_files.ts';

// During `npm run dev` the API comes from a `kmill serve` on its default port.
export default defineConfig({
  plugins: [react(), pyodideFiles(), docs()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // ECharts, CodeMirror and the chart library are lazy: each its own file, loaded by the page that needs it.
        advancedChunks: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
            { name: 'echarts', test: /node_modules[\\/](echarts|zrender)[\\/]/ },
            { name: 'codemirror', test: /node_modules[\\/](@codemirror|@lezer|codemirror|@marijn|crelt|style-mod|w3c-keyname)[\\/]/ },
            { name: 'candles', test: /node_modules[\\/](lightweight-charts|fancy-canvas)[\\/]/ },
          ],
        },
      },
    },
  },
  // The browser's engine is ../strategies/kmill.py.
  server: { fs: { allow: ['.', '../strategies'] }, proxy: { '/api': 'http://127.0.0.1:8000', '/health': 'http://127.0.0.1:8000' } },
  test: { environment: 'happy-dom', globals: false, testTimeout: 30_000, include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test_setup.ts'] },
});
