// The codes of openapi.yaml's errors. {detail} is the server's own text.
export const errors = {
  'error.invalid': '{detail}',
  'error.unauthorized': 'This server lets nobody run or change anything without its token: give it with the lock at the top of the page.',
  'error.forbidden': '{detail}',
  'error.not_found': '{detail}',
  'error.method_not_allowed': '{detail}',
  'error.conflict': '{detail}',
  'error.cancelled': '{detail}',
  'error.too_large': '{detail}',
  'error.too_long': '{detail}',
  'error.unsupported_media_type': '{detail}',
  'error.misdirected': '{detail}',
  'error.strategy': '{detail}',
  'error.rate_limited': '{detail}',
  'error.internal': '{detail}',
  'error.upstream': '{detail}',
  'error.busy': '{detail}',
  // Of the pages themselves.
  'error.cut_off': '{detail}',
  'error.no_stream': '{detail}',
  'error.no_worker': '{detail}',
  'error.unreachable': 'The server does not answer.',
} as const;
