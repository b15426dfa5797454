/** What lies over the drawing: quick-add, the context menu, find, the command palette, a pinned result. */
import type { JSX } from 'preact';
import { CommandPalette } from './commandpalette';
import type { Editor } from '../editor/editor';
import { FindBox } from './findbox';
import { useStore } from '../ground/hooks';
import { Menu } from './menu';
import { PinForm } from './pinform';
import { QuickAdd } from './quickadd';

/** `title` names the activities that are offered. */
export function Overlays(props: { editor: Editor; title: string }): JSX.Element | null {
  const { editor, title } = props;
  const open = useStore(editor.overlay);
  if (!open) return null;
  // Another one may have been opened meanwhile, by what was chosen in this one.
  const leave = (): void => {
    if (editor.overlay.get() === open) editor.overlay.set(null);
  };
  // What was chosen is done to the drawing; where nothing was, the keyboard goes back (panes.ts).
  const close = (): void => {
    leave();
    editor.surface.host.focus({ preventScroll: true });
  };
  switch (open.kind) {
    case 'add':
      return <QuickAdd {...{ editor, title, close, leave }} origin={open.origin} at={open.at} />;
    case 'menu':
      return <Menu {...{ editor, close, leave }} at={open.at} key={`${open.at.x} ${open.at.y}`} />;
    case 'find':
      return <FindBox {...{ editor, close, leave }} />;
    case 'commands':
      return <CommandPalette {...{ editor, close, leave }} />;
    case 'pin':
      return <PinForm {...{ editor, close, leave }} node={open.node} key={open.node} />;
  }
}
