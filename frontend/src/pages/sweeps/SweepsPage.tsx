import { Loading } from '../../parts/states';

export default function SweepsPage() {
  return <Loading />;
}
