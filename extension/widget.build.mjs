// Bundles src/widget.ts to one ES module, wfnb/static/widget.js, which the kernel gives to a page
// that has no labextension. ELK's worker, loaded at the first automatic layout, is a file of its own:
// beside the bundle for the kernel of a checkout, and in lib/ for the labextension, which a wheel has it in.
import { build, context } from 'esbuild';
import { copyFile, mkdir, rm } from 'node:fs/promises';

const flags = new Set(process.argv.slice(2));
const target = '../wfnb/static';
const options = {
  entryPoints: ['src/widget.ts'],
  outfile: `${target}/widget.js`,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: flags.has('--minify'),
  legalComments: 'eof',
  logLevel: 'info'
};

await mkdir(target, { recursive: true });
await rm(`${target}/sources.sha256`, { force: true }); // no longer the production build it vouched for
await mkdir('lib', { recursive: true });
for (const copy of [`${target}/elk-worker.js`, 'lib/elk-worker.bin']) {
  await copyFile('node_modules/elkjs/lib/elk-worker.min.js', copy);
}
if (flags.has('--watch')) {
  await (await context(options)).watch();
} else {
  await build(options);
}
