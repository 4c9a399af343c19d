/// <reference types="node" />
// The texts of the Docs page, made when the pages are built from the files where they are kept: `virtual:docs/en` and `virtual:docs/zh`
// are the strategy API in a language (each a file of its own, loaded where it is read), `virtual:docs` the metrics.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { markdownSections, withAnchorsOf } from './markdown_sections.ts';
import { metricList } from './metric_list.ts';

const NAME = /^virtual:docs(\/en|\/zh)?$/;
const ENGLISH = 'strategies/README.md';
const CHINESE = 'strategies/README.zh.md';
const METRICS = 'include/kmill/metrics.h';
const project = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export function docs(): Plugin {
  return {
    name: 'kmill-docs',
    resolveId: (id) => (NAME.test(id) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith('\0') || !NAME.test(id.slice(1))) return undefined;
      const read = (name: string): string => {
        this.addWatchFile(project(name));
        return readFileSync(project(name), 'utf8');
      };
      if (id.endsWith('virtual:docs')) {
        const metrics = metricList(read(METRICS));
        if (metrics.length === 0) this.error(`${METRICS} has no METRIC_LIST any more`);
        return `export const metrics = ${JSON.stringify(metrics)};\n`;
      }
      const english = markdownSections(read(ENGLISH));
      const sections = id.endsWith('/en') ? english : withAnchorsOf(english, markdownSections(read(CHINESE)));
      return `export const strategyApi = ${JSON.stringify(sections)};\n`;
    },
  };
}
