import { Loading } from '../../parts/states';

export default function PlaygroundPage() {
  return <Loading />;
}
