/** Finds nodes, what stands on edges, and problems, and goes there. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { chipText } from '../layout/chips';
import { nodesOf } from '../document/document';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { nodeIcon } from '../look/icons';
import { jump } from '../editor/jump';
import { ranked } from '../ground/match';
import { Picker } from '../parts/picker';
import type { Pick } from '../parts/picker';
import { sorted } from '../document/problemindex';
import { subtitleOf, titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Selection } from '../surface/surface';

interface Place extends Pick {
  go: () => void;
  /** What else of it is looked through. */
  more: string[];
}

export function FindBox(props: {
  editor: Editor;
  close: () => void;
  leave: () => void;
}): JSX.Element {
  const { editor, close } = props;
  useStore(editor.session.view);
  useStore(editor.session.checked);
  const before = useRef<Selection>(editor.surface.selection.get());
  const back = useRef<() => void>(editor.surface.view.keep());
  const places = [...nodes(editor), ...edges(editor), ...problems(editor)];
  const offer = (wanted: string): Place[] =>
    ranked(places, wanted, place => [place.title, place.detail ?? '', ...place.more]).map(
      ({ section = '', ...place }) => (wanted ? place : { ...place, section })
    );
  return (
    <Picker
      name="find"
      aside
      label={strings.findIn}
      hint={strings.findHint}
      foot={strings.findFoot}
      offer={offer}
      onMark={place => place?.go()}
      onPick={place => {
        close();
        place.go();
      }}
      onClose={() => {
        props.leave();
        editor.surface.select(before.current);
        back.current();
      }}
    />
  );
}

function nodes(editor: Editor): Place[] {
  const { surface, session } = editor;
  const known = new Map(session.activities.get().map(one => [one.name, one]));
  return nodesOf(editor.document).map(node => ({
    key: `node ${node.id}`,
    icon: nodeIcon(node),
    title: node.kind === 'note' ? (node.text ?? node.id) : titleOf(node),
    detail: subtitleOf(node, node.kind === 'task' ? known.get(node.activity) : undefined),
    more: [node.id, strings.kinds[node.kind]],
    section: strings.nodesTitle,
    go: () => {
      surface.select({ nodes: [node.id], edges: [] });
      surface.view.reveal(node.id);
    }
  }));
}

function edges({ surface }: Editor): Place[] {
  const { graph } = surface;
  return graph.lines.flatMap(({ edge, index }): Place[] => {
    const words = chipText(edge, graph.items.get(edge.source)?.node.kind);
    if (!words) return [];
    return [
      {
        key: `edge ${index}`,
        icon: words.icon ?? 'arrow',
        title: words.text,
        detail: `${edge.source} → ${edge.target}`,
        more: [],
        code: true,
        section: strings.edgesTitle,
        go: () => {
          surface.select({ nodes: [], edges: [index] });
          surface.view.revealLine(index);
        }
      }
    ];
  });
}

function problems(editor: Editor): Place[] {
  return sorted(editor.session.checked.get()?.problems ?? []).map((problem, i) => ({
    key: `problem ${i}`,
    icon: problem.severity === 'error' ? 'cross' : 'alert',
    title: problem.message,
    detail: problem.code,
    more: [strings.severities[problem.severity]],
    section: strings.problemsTitle,
    go: () => jump(problem, editor)
  }));
}
