/** Adding a node where one points, by keyboard: kinds and the activities that are defined by now. */
import type { JSX } from 'preact';
import { addNode, suits, takes } from '../editor/adding';
import { choiceOf, kindsFor } from '../document/choices';
import type { Choice, Origin } from '../document/choices';
import { findNode } from '../document/document';
import type { Editor } from '../editor/editor';
import type { Point } from '../ground/geometry';
import { useStore } from '../ground/hooks';
import { ranked } from '../ground/match';
import { Picker } from '../parts/picker';
import type { Pick } from '../parts/picker';
import { strings } from '../texts/strings';
import type { ActivityInfo } from '../wire.gen';

interface Offer extends Pick {
  choice: Choice;
}

/** `page = fet` names what is added; the rest is what is looked for. */
const NAMED = /^\s*([\p{L}_][\p{L}\p{N}_]*)\s*=\s*/u;

export function QuickAdd(props: {
  editor: Editor;
  origin: Origin;
  at: Point;
  title: string;
  close: () => void;
  leave: () => void;
}): JSX.Element {
  const { editor, origin, close } = props;
  const activities = useStore(editor.session.activities);
  useStore(editor.session.view);
  const offer = (typed: string): Offer[] => offers(editor, origin, activities, props.title, typed);
  return (
    <Picker
      name="add"
      label={strings.addNode}
      hint={strings.addFind}
      foot={strings.addFoot}
      at={props.at}
      offer={offer}
      onPick={({ choice }, typed, more) => {
        close();
        const id = addNode(editor, choice, origin, NAMED.exec(typed)?.[1] ?? '');
        if (id !== null && more) editor.desk?.inspect('id');
      }}
      onClose={props.leave}
    />
  );
}

function offers(
  editor: Editor,
  origin: Origin,
  activities: readonly ActivityInfo[],
  title: string,
  typed: string
): Offer[] {
  const source = origin.after === undefined ? undefined : sourceOf(editor, origin.after);
  const known = new Map(activities.map(one => [one.name, one]));
  // What takes the value that comes to it is likelier to be meant.
  const own = [...activities]
    .map(activity => ({ activity, first: takes(activity, source) }))
    .sort((a, b) => Number(b.first) - Number(a.first))
    .map(({ activity }) => choiceOf('task', activity));
  const wanted = typed.replace(NAMED, '');
  const all = [...own, ...kindsFor(editor.document)].filter(one => suits(editor, one, origin));
  const found = ranked(all, wanted, choice => [choice.title, choice.help]);
  return found.map(choice => ({
    key: choice.key,
    choice,
    icon: choice.kind,
    title: choice.title,
    detail: choice.activity ? choice.detail : '',
    code: choice.activity !== '',
    help: known.get(choice.activity)?.doc ?? choice.help,
    ...(!wanted && { section: choice.activity ? title : strings.flow })
  }));
}

function sourceOf(editor: Editor, id: string): ActivityInfo | undefined {
  const node = findNode(editor.document, id);
  if (node?.kind !== 'task') return undefined;
  return editor.session.activities.get().find(one => one.name === node.activity);
}
