import type { data as en } from '../en/data';

export const data: Record<keyof typeof en, string> = {};
