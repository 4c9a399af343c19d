import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { packed } from './packed_files';

it('packs what gets smaller, and nothing else', () => {
  const text = new TextEncoder().encode('const answer = 42;\n'.repeat(200));
  const gzip = packed(text)!;
  expect(gzip.length).toBeLessThan(text.length / 10);
  expect(new Uint8Array(gunzipSync(gzip))).toEqual(text);
  expect(packed(text.subarray(0, 1000))).toBeNull();
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) ^ Math.imul(i, i + 7919));
  expect(packed(noise)).toBeNull();
});
