/** Who may import whom: the floors of the canvas. `import type` counts. */

/** The rooms of src/canvas from the ground up: each imports only from those before it. */
const FLOORS = [
  'ground',
  'texts',
  'document',
  'session',
  'look',
  'layout',
  'surface',
  'parts',
  'editor',
  'inspector',
  'panels',
  'runs'
];

const room = name => `^src/canvas/${name}/`;

export default {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Files that need each other are one file, or one of them needs less than it says.',
      severity: 'error',
      from: {},
      to: { circular: true }
    },
    ...FLOORS.map((name, at) => ({
      name: `floor-${name}`,
      comment: `${name} imports from no room above it; see ARCHITECTURE.md.`,
      severity: 'error',
      from: { path: room(name) },
      to: {
        path: '^src/',
        pathNot: ['^src/canvas/wire\\.gen\\.ts$', ...FLOORS.slice(0, at + 1).map(room)]
      }
    })),
    {
      name: 'every-file-in-a-room',
      comment: 'A file of the canvas lies in one of its rooms, but for what puts them together.',
      severity: 'error',
      from: {},
      to: {
        path: '^src/canvas/',
        pathNot: [
          '^src/canvas/(index\\.ts|designer\\.tsx|workbench\\.tsx|wire\\.gen\\.ts)$',
          ...FLOORS.map(room)
        ]
      }
    },
    {
      name: 'canvas-alone',
      comment: 'The canvas knows nobody who mounts it.',
      severity: 'error',
      from: { path: '^src/canvas/' },
      to: { path: '^src/(?!canvas/)' }
    }
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' }
  }
};
