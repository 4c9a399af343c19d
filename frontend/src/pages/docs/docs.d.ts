declare module 'virtual:docs' {
  export const strategyApi: readonly import('../../../script/markdown_sections').Section[];
  export const metrics: readonly import('../../../script/metric_list').Metric[];
}
