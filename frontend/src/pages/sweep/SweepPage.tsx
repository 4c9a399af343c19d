import { Loading } from '../../parts/states';

export default function SweepPage() {
  return <Loading />;
}
