// Monthly returns as a row a year; a year's return is that of its months one after the other.
export interface MonthlyReturn {
  year: number;
  month: number;
  return: number | null;
}

export interface YearRow {
  year: number;
  months: (number | null)[]; // 12
  total: number | null;
}

export function monthlyTable(returns: readonly MonthlyReturn[]): YearRow[] {
  const rows = new Map<number, YearRow>();
  for (const { year, month, return: value } of returns) {
    const row = rows.get(year) ?? { year, months: new Array<number | null>(12).fill(null), total: null };
    rows.set(year, row);
    if (month < 1 || month > 12 || value === null) continue;
    row.months[month - 1] = value;
    row.total = (1 + (row.total ?? 0)) * (1 + value) - 1;
  }
  return [...rows.values()].sort((a, b) => a.year - b.year);
}

/** The largest gain or loss of a month: what the strongest colour stands for. */
export const largestMonth = (rows: readonly YearRow[]): number => Math.max(0, ...rows.flatMap((row) => row.months.map((value) => Math.abs(value ?? 0))));
