declare module 'virtual:docs' {
  export const metrics: readonly import('../../../script/metric_list').Metric[];
}
declare module 'virtual:docs/en' {
  export const strategyApi: readonly import('../../../script/markdown_sections').Section[];
}
declare module 'virtual:docs/zh' {
  export const strategyApi: readonly import('../../../script/markdown_sections').Section[];
}
