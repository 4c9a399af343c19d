import { Loading } from '../../parts/states';

export default function DocsPage() {
  return <Loading />;
}
