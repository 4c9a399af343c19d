import { common } from './zh/common';
import { sweeps } from './zh/sweeps';
import { run } from './zh/run';
import { playground } from './zh/playground';
import { data } from './zh/data';

export const zh = { ...common, ...sweeps, ...run, ...playground, ...data };
