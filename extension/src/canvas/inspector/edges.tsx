/** What an edge waits for: its trigger, its condition, whether it starts a child. */
import type { JSX } from 'preact';
import { findNode } from '../document/document';
import type { Editor } from '../editor/editor';
import { ExpressionScope } from '../parts/expression';
import { at } from './forms';
import type { FormProps } from './forms';
import { CheckField, ExpressionField, SelectField } from './fields';
import { Button, Field, Troubles } from '../parts/parts';
import { leaving } from '../document/rules';
import { isAt } from '../document/problemindex';
import { strings } from '../texts/strings';
import { secondsOf, spanText } from '../ground/time';
import { allowedTriggers, needsTrigger, triggerOf, withTrigger } from '../document/triggers';
import type { Trigger } from '../document/triggers';
import type { Edge, Node, Problem } from '../wire.gen';

interface EdgeProps {
  editor: Editor;
  edge: Edge;
  problems: readonly Problem[];
  readOnly: boolean;
  focus?: boolean;
}

/** All that can be said of an edge, given where it comes from. */
export function EdgeFields(props: EdgeProps): JSX.Element {
  const source = findNode(props.editor.document, props.edge.source);
  if (!source) return <Troubles problems={props.problems} />;
  const shown = fieldsShown(source, props.edge);
  const rest = props.problems.filter(problem => !shown.includes(problem.field ?? ''));
  const { session } = props.editor;
  return (
    <ExpressionScope.Provider value={{ session, place: { edge: props.edge } }}>
      {allowedTriggers(source.kind).length > 0 && <TriggerFields {...props} source={source} />}
      {shown.includes('when') && <GuardFields {...props} />}
      {maySpawn(source) && triggerOf(props.edge) === '' && <SpawnField {...props} />}
      <Troubles problems={rest} />
    </ExpressionScope.Provider>
  );
}

function fieldsShown(source: Node, edge: Edge): string[] {
  const trigger = triggerOf(edge);
  const routes = source.kind === 'choice' || (source.kind === 'fork' && Boolean(source.join));
  const guarded = routes || trigger !== '' || source.kind === 'wait' || Boolean(edge.when);
  return [...(trigger ? [trigger] : []), ...(guarded ? ['when'] : [])];
}

const maySpawn = (source: Node): boolean => !needsTrigger(source.kind);

const GUARD_ONLY = 'when';

function TriggerFields(props: EdgeProps & { source: Node }): JSX.Element {
  const { editor, edge, source, readOnly, problems } = props;
  const trigger = triggerOf(edge);
  const allowed = allowedTriggers(source.kind).map(one => [one, strings.triggers[one]] as const);
  const plain: readonly (readonly [Trigger | '', string])[] =
    source.kind === 'wait'
      ? [['', strings.triggers[GUARD_ONLY]]]
      : source.kind === 'group'
        ? trigger
          ? []
          : [['', strings.noneYet]]
        : [['', strings.triggers.completion]];
  const change = (value: Trigger | ''): void => {
    editor.setEdge(edge, withTrigger(edge, value), strings.did.trigger);
  };
  return (
    <>
      <SelectField<Trigger | ''>
        label={strings.taken}
        name="trigger"
        value={trigger}
        options={[...plain, ...allowed]}
        disabled={readOnly}
        focus={props.focus ?? false}
        help={strings.takenHelp}
        onChange={change}
      />
      <TriggerValue {...{ editor, edge, readOnly, problems, trigger }} />
    </>
  );
}

function TriggerValue(props: EdgeProps & { trigger: Trigger | '' }): JSX.Element | null {
  const { editor, edge, trigger, readOnly } = props;
  const problems = trigger ? at(props.problems, trigger) : [];
  const put = (changed: Edge): void => editor.setEdge(edge, changed, strings.did.trigger);
  const shared = { disabled: readOnly, problems };
  switch (trigger) {
    case '':
      return null;
    case 'error':
      return (
        <Field
          {...shared}
          plain
          label={strings.errorName}
          name="error"
          help={strings.errorHelp}
          hint={strings.anyError}
          value={edge.error === '*' ? '' : (edge.error ?? '')}
          onCommit={text => put({ ...edge, error: text.trim() || '*' })}
        />
      );
    case 'after':
      return (
        <Field
          {...shared}
          label={strings.afterTime}
          name="after"
          help={strings.afterHelp}
          hint="30 s"
          value={typeof edge.after === 'number' ? spanText(edge.after) : (edge.after ?? '')}
          check={text => (text.startsWith('=') || secondsOf(text) >= 0 ? '' : strings.spanNeeded)}
          onCommit={text => {
            const trimmed = text.trim();
            put({ ...edge, after: trimmed.startsWith('=') ? trimmed : secondsOf(trimmed) });
          }}
        />
      );
    case 'until':
      return (
        <Field
          {...shared}
          label={strings.untilTime}
          name="until"
          help={strings.untilHelp}
          hint="2027-01-31T09:00"
          value={edge.until ?? ''}
          onCommit={text => put({ ...edge, until: text.trim() })}
        />
      );
    case 'on':
      return <SignalName {...props} problems={problems} put={put} />;
  }
}

function SignalName(props: EdgeProps & { put: (edge: Edge) => void }): JSX.Element {
  const { editor, edge } = props;
  return (
    <>
      <Field
        label={strings.signal}
        name="on"
        list="wfnb-signals"
        help={strings.signalHelp}
        hint="paid"
        value={edge.on ?? ''}
        disabled={props.readOnly}
        problems={props.problems}
        onCommit={text => props.put({ ...edge, on: text.trim() })}
      />
      <datalist id="wfnb-signals">
        {editor.signals().map(name => (
          <option value={name} key={name} />
        ))}
      </datalist>
    </>
  );
}

export function GuardFields(props: EdgeProps): JSX.Element {
  const { editor, edge, readOnly } = props;
  const source = findNode(editor.document, edge.source);
  const trigger = triggerOf(edge);
  const routes = source?.kind === 'choice' || source?.kind === 'fork';
  return (
    <>
      {!edge.otherwise && (
        <ExpressionField
          label={trigger ? strings.onlyIf : strings.guard}
          name="when"
          type="bool"
          value={edge.when ?? ''}
          hint={hintOf(edge, source?.kind === 'wait')}
          help={trigger ? strings.onlyIfHelp : strings.guardHelp}
          focus={(props.focus ?? false) && !source?.kind.match(/wait|group|task|call|map|approval/)}
          disabled={readOnly}
          problems={at(props.problems, 'when')}
          onCommit={text => {
            const { when: _before, ...bare } = edge;
            editor.setEdge(edge, text === undefined ? bare : { ...bare, when: text.trim() });
          }}
        />
      )}
      {routes && (
        <CheckField
          label={strings.otherwise}
          name="otherwise"
          checked={edge.otherwise ?? false}
          disabled={readOnly}
          help={strings.otherwiseHelp}
          onChange={checked => {
            const { when: _when, otherwise: _otherwise, ...bare } = edge;
            editor.setEdge(edge, checked ? { ...bare, otherwise: true } : bare);
          }}
        />
      )}
    </>
  );
}

function hintOf(edge: Edge, rests: boolean): string {
  if (edge.on != null) return `signal("${edge.on || 'paid'}") > 10`;
  return rests ? 'reached("page")' : 'mark > 0.8';
}

function SpawnField({ editor, edge, readOnly }: EdgeProps): JSX.Element {
  return (
    <CheckField
      label={strings.spawns}
      name="spawn"
      checked={edge.spawn ?? false}
      disabled={readOnly}
      help={strings.spawnHelp}
      onChange={checked => {
        const { spawn: _before, ...bare } = edge;
        editor.setEdge(edge, checked ? { ...bare, spawn: true } : bare, strings.did.trigger);
      }}
    />
  );
}

/** The edges that leave a node, each with its fields; `ordered` where their order counts. */
export function LeavingEdges(
  props: FormProps & { title: string; empty: string; ordered?: boolean }
): JSX.Element {
  const { editor, node, problems, readOnly, ordered = false } = props;
  const edges = leaving(editor.document, node.id);
  const found = editor.session.checked.get()?.problems ?? [];
  const all = found.filter(problem => isAt(problem, editor.session.scope));
  if (!edges.length) return <p class="wfnb-hint">{props.empty}</p>;
  return (
    <>
      <h3>{props.title}</h3>
      {edges.map(({ edge, index }, i) => (
        <section
          class="wfnb-guard"
          key={`${edge.target} ${JSON.stringify(edge)}`}
          data-edge={index}
        >
          <header>
            <b title={edge.target}>→ {edge.target}</b>
            {ordered && (
              <>
                <Button
                  icon="up"
                  class="wfnb-small"
                  title={strings.moveUp}
                  disabled={readOnly || i === 0}
                  onClick={() => editor.reorder(edge, -1)}
                />
                <Button
                  icon="down"
                  class="wfnb-small"
                  title={strings.moveDown}
                  disabled={readOnly || i === edges.length - 1}
                  onClick={() => editor.reorder(edge, 1)}
                />
              </>
            )}
          </header>
          <EdgeFields
            {...{ editor, edge, readOnly }}
            problems={all.filter(problem => problem.field && problem.edges?.includes(index))}
          />
        </section>
      ))}
      <Troubles problems={at(problems, 'edges')} />
    </>
  );
}
