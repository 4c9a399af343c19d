// The order of a list in the page's address: `count` ascends, `-count` descends.
export interface ListSort<Column extends string> {
  column: Column;
  descending: boolean;
}

/** What is no column of the list is no order. */
export function listSortOf<Column extends string>(text: string | null, columns: Readonly<Record<Column, unknown>>): ListSort<Column> | null {
  const column = (text ?? '').replace(/^-/, '');
  return Object.hasOwn(columns, column) ? { column: column as Column, descending: text!.startsWith('-') } : null;
}
