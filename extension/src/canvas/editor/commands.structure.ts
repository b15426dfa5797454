/** Commands for workflows inside workflows, folded groups, the map, and pictures of all of it. */
import { always, editable, withNodes } from './command';
import type { Command } from './command';
import { nodesOf } from '../document/document';
import type { Editor } from './editor';
import { savePicture } from './exporting';
import type { PictureKind } from './exporting';

const picture = (kind: PictureKind): Omit<Command, 'id'> => ({
  section: 'view',
  keys: [],
  enabled: ({ document }) => nodesOf(document).length > 0,
  run: editor => void savePicture(editor, kind)
});

const still = ({ stepper }: Editor): boolean => stepper.walk.get() === null;

export const STRUCTURE: readonly Command[] = [
  {
    id: 'extract',
    section: 'edit',
    keys: ['W'],
    enabled: editor => editable(editor) && withNodes(editor),
    run: ({ structure }) => structure.extract()
  },
  {
    id: 'unpack',
    section: 'edit',
    keys: ['Shift+W'],
    enabled: editor => editable(editor) && editor.structure.own() !== null,
    run: ({ structure }) => structure.unpack()
  },
  {
    id: 'embed',
    section: 'edit',
    keys: [],
    enabled: editor =>
      still(editor) && !editor.session.closed && editor.structure.foreign() !== null,
    run: ({ structure }) => structure.embed()
  },
  {
    id: 'enter',
    section: 'view',
    keys: ['Ctrl+Enter'],
    enabled: editor => still(editor) && withNodes(editor),
    run: ({ structure }) => void structure.enter()
  },
  {
    id: 'leave',
    section: 'view',
    keys: ['Ctrl+Shift+Enter'],
    enabled: ({ session }) => session.view.get().crumbs.length > 0,
    run: ({ structure }) => structure.leave()
  },
  {
    id: 'fold',
    section: 'view',
    keys: ['C'],
    enabled: withNodes,
    run: ({ structure }) => structure.toggleFold()
  },
  {
    id: 'foldAll',
    section: 'view',
    keys: ['Shift+C'],
    enabled: ({ document }) => nodesOf(document).some(node => node.kind === 'group'),
    run: ({ structure }) => structure.toggleAllFolds()
  },
  {
    id: 'map',
    section: 'view',
    keys: ['N'],
    enabled: always,
    run: ({ surface }) => surface.toggleMap()
  },
  { ...picture('svg'), id: 'saveSvg' },
  { ...picture('png'), id: 'savePng' }
];
