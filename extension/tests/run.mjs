// Runs the canvas's unit tests: bundles each test with the TypeScript it imports, then node's own runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../node_modules/.cache/wfnb-tests/', import.meta.url));
const tests = readdirSync(here).filter(name => name.endsWith('.test.mjs'));
await build({
  entryPoints: [...tests, 'twin.mjs', 'notes.mjs'].map(name => here + name),
  outdir: target,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning'
});
// The pages for tests/browser/test_canvas.py and tests/bench/drawing.py.
await build({
  entryPoints: ['page.mjs', 'bench.mjs'].map(name => here + name),
  outdir: target,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning'
});
if (process.argv.includes('--build')) process.exit(0);
const files = tests.map(name => target + name);
process.exit(spawnSync(process.execPath, ['--test', ...files], { stdio: 'inherit' }).status ?? 1);
