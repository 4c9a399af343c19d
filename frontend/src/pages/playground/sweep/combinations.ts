// How many runs a sweep file asks for, read from its text so that it also counts what was edited by hand. Only what is written in one
// line a parameter is understood; the server reads the file in full.

function decimals(text: string): number {
  const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
}

/** Values of low to high, both included, in steps: exact decimals, so that 0.1 to 0.3 by 0.1 are three. */
export function rangeCount(low: string, high: string, step: string): number | null {
  const scale = 10 ** Math.min(12, Math.max(decimals(low), decimals(high), decimals(step)));
  const [from, to, by] = [low, high, step].map((text) => Math.round(Number(text) * scale)) as [number, number, number];
  if (![from, to, by].every(Number.isFinite) || by <= 0 || to < from) return null;
  return Math.floor((to - from) / by) + 1;
}

/** Items of a flow list, commas within quotes and brackets not counted; null where it is not one whole list. */
export function flowItems(text: string): string[] | null {
  if (!text.startsWith('[') || !text.endsWith(']')) return null;
  const items = text.slice(1, -1).match(/(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*'|[^,'"])+/g) ?? [];
  return items.map((item) => item.trim()).filter(Boolean);
}

/** Values of one parameter: 1 for a plain one; null where it is not understood. */
function valueCount(text: string): number | null {
  if (text.startsWith('[')) return flowItems(text)?.length ?? null;
  if (!text.startsWith('{')) return text === '' ? null : 1;
  const range = /\brange:\s*\[\s*([^,\]]+?)\s*,\s*([^,\]]+?)\s*\]/.exec(text);
  if (/\blog_range:/.test(text)) return Number(/\bcount:\s*(\d+)/.exec(text)?.[1] ?? NaN) || null;
  if (range) return rangeCount(range[1] ?? '', range[2] ?? '', /\bstep:\s*([^,}\s]+)/.exec(text)?.[1] ?? '1');
  return null;
}

const withoutComment = (line: string): string => line.replace(/(^|\s)#.*$/, '').trimEnd();
const listLength = (value: string | undefined): number => (value === undefined ? 1 : (flowItems(value)?.length ?? 1));

export interface Combinations {
  count: number | null; // of all series; null: not understood here
  bounded: boolean; // `where` may leave out some
}

export function combinations(yaml: string): Combinations {
  const top = new Map<string, string>();
  const parameters: string[] = [];
  let section = '';
  for (const line of yaml.split('\n').map(withoutComment)) {
    const match = /^(\s*)(?:"([^"]+)"|([\w-]+)):\s*(.*)$/.exec(line);
    if (!match) continue;
    const [, indent = '', quoted, plain, value = ''] = match;
    if (indent === '') {
      section = quoted ?? plain ?? '';
      top.set(section, value);
    } else if (section === 'params') parameters.push(value);
  }
  const series = listLength(top.get('symbols')) * listLength(top.get('intervals'));
  if (top.get('method') === 'random') {
    const trials = Number(top.get('trials'));
    return { count: Number.isInteger(trials) && trials > 0 ? trials * series : null, bounded: false };
  }
  const counts = parameters.map(valueCount);
  const known = counts.every((count) => count !== null) && (top.get('params') ?? '') === '';
  return { count: known ? counts.reduce<number>((product, count) => product * (count ?? 1), series) : null, bounded: top.has('where') };
}
