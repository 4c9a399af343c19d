import { useRouteError } from 'react-router';
import { Failure } from '../parts/states';

/** A page that threw: says what, and offers to load it again. */
export function PageError() {
  return <Failure error={useRouteError()} retry={() => window.location.reload()} />;
}
