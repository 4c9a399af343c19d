/// <reference types="node" />
// Pyodide's own files under /pyodide/ of the built pages and of the development server: the browser's engine loads them from here,
// never from elsewhere.
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const FILES: Record<string, string> = {
  'pyodide.mjs': 'text/javascript',
  'pyodide.asm.mjs': 'text/javascript',
  'pyodide.asm.wasm': 'application/wasm',
  'python_stdlib.zip': 'application/zip',
  'pyodide-lock.json': 'application/json',
};
const place = (name: string): string => fileURLToPath(new URL(`../node_modules/pyodide/${name}`, import.meta.url));

export function pyodideFiles(): Plugin {
  return {
    name: 'kmill-pyodide-files',
    generateBundle() {
      for (const name of Object.keys(FILES)) this.emitFile({ type: 'asset', fileName: `pyodide/${name}`, source: readFileSync(place(name)) });
    },
    configureServer({ middlewares }) {
      middlewares.use('/pyodide', (request, response, next) => {
        const name = (request.url ?? '').split('?')[0]?.slice(1) ?? '';
        const type = FILES[name];
        if (!type) return next();
        response.setHeader('Content-Type', type);
        response.setHeader('Content-Length', statSync(place(name)).size);
        createReadStream(place(name)).pipe(response);
      });
    },
  };
}
