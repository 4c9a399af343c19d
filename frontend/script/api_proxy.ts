/// <reference types="node" />
// During `npm run dev` the API comes from a `kmill serve`: http://127.0.0.1:8000, or what VITE_API says.
import type { ProxyOptions } from 'vite';

/**
 * The server lets only its own pages change or run something. Pages of the development server stand for these: their Origin is rewritten,
 * and no other's, so that a page elsewhere is refused as ever.
 */
export function apiProxy(target = 'http://127.0.0.1:8000'): Record<string, ProxyOptions> {
  const options: ProxyOptions = {
    target,
    changeOrigin: true, // Host is the target's
    configure: (proxy) => {
      proxy.on('proxyReq', (toServer, request) => {
        const { origin, host } = request.headers;
        if (origin !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) toServer.setHeader('Origin', new URL(target).origin);
      });
    },
  };
  return { '/api': options, '/health': options };
}
