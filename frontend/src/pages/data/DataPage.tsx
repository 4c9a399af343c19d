import { Loading } from '../../parts/states';

export default function DataPage() {
  return <Loading />;
}
