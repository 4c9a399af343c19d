import { common } from './en/common';
import { errors } from './en/errors';
import { token } from './en/token';
import { sweeps } from './en/sweeps';
import { views } from './en/views';
import { run } from './en/run';
import { playground } from './en/playground';
import { data } from './en/data';
import { metrics } from './en/metrics';

export const en = { ...common, ...errors, ...token, ...sweeps, ...views, ...run, ...playground, ...data, ...metrics };
