import { Loading } from '../../parts/states';

export default function RunPage() {
  return <Loading />;
}
