import { fixed } from '../../parts/format';

/** Decimals that show at least four figures of a price of this size, two at least. */
export function priceDecimals(price: number): number {
  if (!(price > 0)) return 2;
  return Math.max(2, Math.min(10, 3 - Math.floor(Math.log10(price))));
}

export const priceText = (price: number): string => fixed(price, priceDecimals(price));
