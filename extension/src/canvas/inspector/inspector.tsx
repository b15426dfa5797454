/** The form of whatever is selected. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { edgesOf, findNode } from '../document/document';
import { duplicate } from '../editor/copying';
import { ExpressionScope } from '../parts/expression';
import type { Asked, Editor } from '../editor/editor';
import { at, general } from './forms';
import type { FormProps } from './forms';
import { useStore } from '../ground/hooks';
import { pausedIn } from '../session/marks';
import { Button, Field, Refused, Troubles } from '../parts/parts';
import { isAt } from '../document/problemindex';
import { scopeOf } from '../document/scope';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import { EdgeFields, LeavingEdges } from './edges';
import { CallForm, MapForm } from './children';
import { GroupForm, Membership } from './group';
import { CloseButton, Heading } from './head';
import { ApprovalForm, EndForm, ForkForm, JoinForm, NoteForm } from './kinds';
import { LastRun, useStatus } from './run';
import { TaskForm } from './task';
import { WorkflowForm } from './workflow';
import type { Edge, Node, Problem, Workflow } from '../wire.gen';

export function Inspector(props: { editor: Editor; asked: Asked | null }): JSX.Element {
  const { editor, asked } = props;
  const { document, readOnly, crumbs } = useStore(editor.session.view);
  const { nodes, edges } = useStore(editor.surface.selection);
  const all = useStore(editor.session.checked)?.problems ?? [];
  const problems = all.filter(problem => isAt(problem, scopeOf(crumbs)));
  const node = nodes.length === 1 ? findNode(document, nodes[0] ?? '') : undefined;
  const edge = edges.length === 1 ? edgesOf(document)[edges[0] ?? -1] : undefined;
  let form: JSX.Element;
  if (node && !edges.length) {
    const own = problems.filter(problem => problem.nodes?.includes(node.id));
    form = (
      <ExpressionScope.Provider value={{ session: editor.session, place: { node: node.id } }}>
        <NodeForm {...{ editor, node, readOnly }} problems={own} key={`node ${node.id}`} />
      </ExpressionScope.Provider>
    );
  } else if (edge && !nodes.length) {
    const own = problems.filter(problem => problem.edges?.includes(edges[0] ?? -1));
    const key = `edge ${edges[0] ?? ''}`;
    form = (
      <EdgeForm
        {...{ editor, edge, readOnly, document }}
        problems={own}
        focus={asked?.edge === edges[0]}
        key={key}
      />
    );
  } else if (nodes.length + edges.length > 0) {
    form = (
      <ManyForm editor={editor} nodes={nodes.length} edges={edges.length} readOnly={readOnly} />
    );
  } else {
    form = <WorkflowForm {...{ editor, document, readOnly, problems }} />;
  }
  const pane = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (pane.current) pane.current.scrollTop = 0;
    // What it is about does not stay under it.
    if (node && pane.current?.closest('.wfnb-tight')) editor.surface.view.follow(node.id);
  }, [String(nodes), String(edges)]);
  return (
    <aside
      ref={pane}
      class="wfnb-inspector"
      aria-label={strings.inspector}
      onKeyDown={event => goBack(event, editor, asked?.edge === edges[0] ? asked : null)}
    >
      <Refused.Provider value={text => editor.notice.set(text)}>{form}</Refused.Provider>
    </aside>
  );
}

/**
 * Escape gives the keyboard back to the drawing, and so does what was asked for once it is there. Where the
 * inspector lies over the drawing, Escape closes it.
 */
function goBack(event: KeyboardEvent, editor: Editor, asked: Asked | null): void {
  const left = event.key === 'Escape' && !event.defaultPrevented;
  if (!left && !(asked && event.key === 'Enter' && isFilled(event))) return;
  const { surface, document } = editor;
  const { then } = asked ?? {};
  if (then !== undefined && findNode(document, then)) surface.select({ nodes: [then], edges: [] });
  surface.host.focus({ preventScroll: true });
  if (left) editor.desk?.uncover();
  event.preventDefault();
  event.stopPropagation();
}

/** Whether a field has something in it that nobody finds wrong as it stands. */
const isFilled = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLInputElement &&
  target.value.trim() !== '' &&
  !target.getAttribute('aria-describedby')?.endsWith('-fault');

function NodeForm(props: FormProps): JSX.Element {
  const { editor, node, readOnly } = props;
  const run = editor.session.run;
  const status = useStatus(run, node.id);
  const halts = useStore(editor.session.halts);
  const paused = pausedIn(editor.session.view.get().crumbs, halts).get(node.id);
  const last = status && <LastRun {...{ status, run, paused }} />;
  return (
    <>
      <Heading
        title={titleOf(node)}
        kind={strings.kinds[node.kind].toLowerCase()}
        {...{ editor, readOnly }}
      />
      {status?.state === 'failed' && last}
      <Troubles problems={general(props.problems, node)} />
      <NameFields {...props} problems={at(props.problems, 'id')} />
      <KindForm {...props} />
      <Membership {...props} />
      {status?.state !== 'failed' && last}
    </>
  );
}

function NameFields({ editor, node, problems, readOnly }: FormProps): JSX.Element {
  const check = (text: string): string => {
    const id = text.trim();
    if (!id) return strings.nameEmpty;
    return id !== node.id && findNode(editor.document, id) ? strings.nameTaken(id) : '';
  };
  return (
    <>
      <Field
        plain
        label={strings.name}
        name="id"
        value={node.id}
        disabled={readOnly}
        check={check}
        problems={problems}
        onCommit={text => editor.setNode(node.id, { ...node, id: text.trim() })}
      />
      {node.kind !== 'note' && node.kind !== 'start' && (
        <Field
          plain
          label={strings.label}
          name="label"
          value={node.label ?? ''}
          hint={node.id}
          help={strings.labelHelp}
          disabled={readOnly}
          onCommit={text => editor.setNode(node.id, withLabel(node, text.trim()))}
        />
      )}
    </>
  );
}

function withLabel(node: Node, label: string): Node {
  const { label: _before, ...rest } = node;
  return label ? { ...rest, label } : rest;
}

function KindForm(props: FormProps): JSX.Element | null {
  const { node } = props;
  switch (node.kind) {
    case 'task':
      return <TaskForm {...props} node={node} />;
    case 'choice':
      return <LeavingEdges {...props} title={strings.guards} empty={strings.noEdges} ordered />;
    case 'wait':
      return <LeavingEdges {...props} title={strings.frees} empty={strings.noCauses} />;
    case 'end':
      return <EndForm {...props} node={node} />;
    case 'fork':
      return <ForkForm {...props} node={node} />;
    case 'join':
      return <JoinForm {...props} node={node} />;
    case 'approval':
      return <ApprovalForm {...props} node={node} />;
    case 'map':
      return <MapForm {...props} node={node} />;
    case 'call':
      return <CallForm {...props} node={node} />;
    case 'group':
      return <GroupForm {...props} node={node} />;
    case 'note':
      return <NoteForm {...props} node={node} />;
    case 'start':
      return <p class="wfnb-hint">{strings.kindHelp.start}.</p>;
  }
}

function EdgeForm(props: {
  editor: Editor;
  edge: Edge;
  document: Workflow;
  problems: readonly Problem[];
  readOnly: boolean;
  focus: boolean;
}): JSX.Element {
  const { editor, edge, document, readOnly } = props;
  const name = (id: string): string => {
    const node = findNode(document, id);
    return node ? titleOf(node) : id;
  };
  return (
    <>
      <Heading
        title={`${name(edge.source)} → ${name(edge.target)}`}
        kind={strings.edge}
        {...{ editor, readOnly }}
      />
      <EdgeFields {...{ editor, edge, readOnly }} problems={props.problems} focus={props.focus} />
    </>
  );
}

function ManyForm(props: {
  editor: Editor;
  nodes: number;
  edges: number;
  readOnly: boolean;
}): JSX.Element {
  const { editor } = props;
  return (
    <>
      <header>
        <b>{strings.selected(props.nodes, props.edges)}</b>
        <span class="wfnb-space" />
        <CloseButton editor={editor} />
      </header>
      <div class="wfnb-rowline">
        <Button
          name="group"
          title={strings.groupHelp}
          disabled={props.readOnly || !props.nodes}
          onClick={() => editor.group()}
        >
          {strings.group}
        </Button>
        <Button
          name="extract"
          title={strings.extractHelp}
          disabled={props.readOnly || !props.nodes}
          onClick={() => editor.structure.extract()}
        >
          {strings.extract}
        </Button>
        <Button disabled={props.readOnly || !props.nodes} onClick={() => duplicate(editor)}>
          {strings.duplicate}
        </Button>
        <Button class="wfnb-danger" disabled={props.readOnly} onClick={() => editor.remove()}>
          {strings.delete}
        </Button>
      </div>
    </>
  );
}
