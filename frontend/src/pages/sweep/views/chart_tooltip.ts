// Tooltips are elements with text in them, never HTML made of strings: a parameter's value may contain anything.
export interface TooltipRow {
  name: string;
  text: string;
  colour?: string;
}

export function tooltipElement(title: string, rows: readonly TooltipRow[], more = ''): HTMLElement {
  const box = document.createElement('div');
  const line = (text: string, parent: HTMLElement = box): HTMLElement => {
    const element = document.createElement('div');
    element.textContent = text;
    parent.append(element);
    return element;
  };
  if (title) line(title).style.fontWeight = '600';
  for (const { name, text, colour } of rows) {
    const row = line('');
    row.style.cssText = 'display:flex;gap:12px;justify-content:space-between;font-size:13px';
    const left = line(name, row);
    if (colour) {
      const key = document.createElement('span');
      key.style.cssText = 'display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:6px';
      key.style.background = colour;
      left.prepend(key);
    }
    line(text, row).style.fontVariantNumeric = 'tabular-nums';
  }
  if (more) line(more).style.opacity = '0.75';
  return box;
}
