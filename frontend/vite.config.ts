/// <reference types="node" />
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { apiProxy } from './script/api_proxy.ts';
import { docs } from './script/docs_plugin.ts';
import { firstScript } from './script/first_script.ts';
import { packedFiles } from './script/packed_files.ts';
import { pyodideFiles } from './script/pyodide_files.ts';

export default defineConfig({
  plugins: [react(), pyodideFiles(), docs(), firstScript(), packedFiles()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    assetsDir: 'assets',
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What the first load runs before all else is a file without imports; react and the frame come with every page, in two files that
        // are read at the same time. ECharts, CodeMirror and the chart library are lazy: each its own, loaded by the page that needs it.
        codeSplitting: {
          groups: [
            { name: 'first', test: /src[\\/]app[\\/](first_load|page_files|remember|theme_choice)\.ts$|vite[\\/]preload-helper/, priority: 1 },
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
            { name: 'frame', test: /src[\\/](api|app|i18n|parts)[\\/](?!TokenDialog|[Mm]odal)|node_modules[\\/](@tanstack[\\/](react-)?query|openapi-fetch)/ },
            { name: 'echarts', test: /node_modules[\\/](echarts|zrender)[\\/]/ },
            { name: 'codemirror', test: /node_modules[\\/](@codemirror|@lezer|@marijn|crelt|style-mod|w3c-keyname)[\\/]/ },
            { name: 'candles', test: /node_modules[\\/](lightweight-charts|fancy-canvas)[\\/]/ },
          ],
        },
      },
    },
  },
  // The browser's engine is ../strategies/kmill.py.
  server: { fs: { allow: ['.', '../strategies'] }, proxy: apiProxy(process.env['VITE_API']) },
  test: { environment: 'happy-dom', globals: false, testTimeout: 30_000, include: ['src/**/*.test.{ts,tsx}', 'script/**/*.test.ts'], setupFiles: ['src/test_setup.ts'] },
});
