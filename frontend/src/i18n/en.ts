import { common } from './en/common';
import { sweeps } from './en/sweeps';
import { views } from './en/views';
import { run } from './en/run';
import { playground } from './en/playground';
import { data } from './en/data';

export const en = { ...common, ...sweeps, ...views, ...run, ...playground, ...data };
