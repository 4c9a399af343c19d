/// <reference types="node" />
// `virtual:docs`: the texts of the Docs page, made when the pages are built from the files where they are kept.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { markdownSections } from './markdown_sections.ts';
import { metricList } from './metric_list.ts';

const NAME = 'virtual:docs';
const project = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export function docs(): Plugin {
  return {
    name: 'kmill-docs',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const read = (name: string): string => {
        this.addWatchFile(project(name));
        return readFileSync(project(name), 'utf8');
      };
      const strategyApi = markdownSections(read('strategies/README.md'));
      const metrics = metricList(read('include/kmill/metrics.h'));
      if (metrics.length === 0) this.error('include/kmill/metrics.h has no METRIC_LIST any more');
      return `export const strategyApi = ${JSON.stringify(strategyApi)};\nexport const metrics = ${JSON.stringify(metrics)};\n`;
    },
  };
}
