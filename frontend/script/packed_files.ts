/// <reference types="node" />
// A gzip form beside every built file that gets smaller by it: `kmill serve` sends it to browsers that take it, without work of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const SMALLEST = 1024; // bytes; below, the headers of the answer are what counts
const WORTH_IT = 0.9; // of the plain size at most

/** The gzip form of a file's bytes, or null where it is not worth it. */
export function packed(plain: Uint8Array): Uint8Array | null {
  if (plain.length < SMALLEST) return null;
  const gzip = gzipSync(plain, { level: 9 });
  return gzip.length <= plain.length * WORTH_IT ? gzip : null;
}

export function packedFiles(): Plugin {
  return {
    name: 'kmill-packed-files',
    apply: 'build',
    writeBundle: {
      order: 'post',
      sequential: true,
      handler({ dir }, bundle) {
        if (!dir) return;
        for (const name of Object.keys(bundle)) {
          const gzip = packed(readFileSync(path.join(dir, name)));
          if (gzip) writeFileSync(path.join(dir, `${name}.gz`), gzip);
        }
      },
    },
  };
}
