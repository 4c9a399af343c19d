import { firstLoad } from './app/first_load';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { jsonOf } from './api/client';
import { queryClient } from './api/query_client';
import { App } from './app/App';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

// The page finds its first answer in the query cache, or the question on its way.
const { question, answer, ready } = firstLoad;
const query = question && answer ? queryClient.prefetchQuery({ queryKey: question.key, queryFn: async () => jsonOf(await answer) }) : undefined;
void ready(query).then(() =>
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
);
