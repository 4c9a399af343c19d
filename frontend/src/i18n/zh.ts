import { common } from './zh/common';
import { errors } from './zh/errors';
import { token } from './zh/token';
import { sweeps } from './zh/sweeps';
import { views } from './zh/views';
import { run } from './zh/run';
import { playground } from './zh/playground';
import { data } from './zh/data';
import { metrics } from './zh/metrics';

export const zh = { ...common, ...errors, ...token, ...sweeps, ...views, ...run, ...playground, ...data, ...metrics };
