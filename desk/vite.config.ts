import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const server = process.env.CENTRALA_DEV_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  build: {
    outDir: fileURLToPath(new URL('../src/centrala/web/static', import.meta.url)),
    emptyOutDir: true,
    manifest: true,
    // The server's Content-Security-Policy allows no inline code and no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // The list of chunks that each lazy part needs would lie in the first script: 5 kB of what a first visit fetches. Its
      // style sheets must be known all the same.
      resolveDependencies: (_file, needed, { hostType }) => (hostType === 'html' ? needed : needed.filter((one) => one.endsWith('.css'))),
    },
    target: 'es2023',
    sourcemap: false,
  },
  server: {
    proxy: { '/api': { target: server, ws: true } },
  },
  test: {
    // Most tests are of pure functions; those that render say so in their first line.
    environment: 'node',
    setupFiles: ['src/test/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
    restoreMocks: true,
    css: false,
  },
});
