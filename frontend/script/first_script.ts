/// <reference types="node" />
// Makes the file `first` (src/app/first_load.ts) of the built pages a script of its own: it runs as soon as it is there, while the larger
// files are still being read, instead of after them.
import type { Plugin } from 'vite';

const NAME = 'first';

export function firstScript(): Plugin {
  return {
    name: 'kmill-first-script',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        if (!bundle) return html; // the development server
        const chunk = Object.values(bundle).find((file) => file.type === 'chunk' && file.name === NAME);
        if (chunk?.type !== 'chunk' || chunk.imports.length > 0) throw new Error(`the file '${NAME}' is not there, or waits for others: ${chunk?.type === 'chunk' ? chunk.imports.join(' ') : ''}`);
        const preload = `<link rel="modulepreload" crossorigin href="/${chunk.fileName}">`;
        if (!html.includes(preload)) throw new Error(`index.html has no ${preload}`);
        return html.replace(new RegExp(`\\s*${preload}`), '').replace('<script', `<script type="module" async crossorigin src="/${chunk.fileName}"></script>\n    <script`);
      },
    },
  };
}
