/** The forms of nodes that end, route or ask. */
import type { JSX } from 'preact';
import { nodesOf } from '../document/document';
import { at, bound, put, within } from './forms';
import type { FormProps } from './forms';
import { LeavingEdges } from './edges';
import { NumberField, PairsField, SelectField } from './fields';
import { TYPES } from './workflow';
import { NARROWEST, NOTE_WIDTH, WIDEST } from '../look/notes';
import { Field } from '../parts/parts';
import { resizeNote } from '../editor/resizing';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import { textOf, valueOf } from '../document/values';
import type { Approval, End, Fork, Join, Note } from '../wire.gen';

export function EndForm(props: FormProps<End>): JSX.Element {
  const { node, problems, readOnly } = props;
  return (
    <>
      <SelectField<'plain' | 'terminate' | 'error'>
        label={strings.endsAs}
        name="ends"
        value={node.error ? 'error' : node.terminate ? 'terminate' : 'plain'}
        options={[
          ['plain', strings.endPlain],
          ['terminate', strings.endTerminate],
          ['error', strings.endError]
        ]}
        disabled={readOnly}
        onChange={value => {
          const { terminate: _terminate, error: _error, message: _message, ...bare } = node;
          const { output: _output, ...failing } = bare;
          const changed: End =
            value === 'error'
              ? { ...failing, error: 'Failed' }
              : value === 'terminate'
                ? { ...bare, terminate: true }
                : bare;
          props.editor.setNode(node.id, changed);
        }}
      />
      {node.error ? (
        <>
          <Field
            plain
            label={strings.errorName}
            name="error"
            value={node.error}
            disabled={readOnly}
            check={text => (text.trim() ? '' : strings.nameEmpty)}
            problems={at(problems, 'error')}
            onCommit={text => put(props, 'error', text.trim())}
          />
          <Field
            label={strings.message}
            {...bound(props, 'message')}
            hint={strings.outputHelp}
            value={node.message ?? ''}
            onCommit={text => put(props, 'message', text || undefined)}
          />
        </>
      ) : (
        <Field
          label={strings.output}
          {...bound(props, 'output')}
          hint={strings.outputHelp}
          value={textOf(node.output)}
          onCommit={text => put(props, 'output', valueOf(text))}
        />
      )}
    </>
  );
}

export function ForkForm(props: FormProps<Fork>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const joins = nodesOf(editor.document).filter(other => other.kind === 'join');
  return (
    <>
      <p class="wfnb-hint">{strings.kindHelp.fork}.</p>
      <SelectField
        label={strings.pairedJoin}
        name="join"
        help={strings.pairedHelp}
        value={node.join ?? ''}
        options={[
          ['', strings.everyEdge],
          ...joins.map(join => [join.id, strings.someUntil(titleOf(join))] as const)
        ]}
        disabled={readOnly}
        problems={at(problems, 'join')}
        onChange={join => put(props, 'join', join || undefined)}
      />
      {node.join && (
        <LeavingEdges {...props} title={strings.branches} empty={strings.noEdges} ordered />
      )}
    </>
  );
}

export function NoteForm(props: FormProps<Note>): JSX.Element {
  const { editor, node, readOnly } = props;
  const item = editor.surface.graph.items.get(node.id);
  const side = (name: 'width' | 'height', label: string): JSX.Element => (
    <NumberField
      label={label}
      name={name}
      value={node[name]}
      hint={item && String(name === 'width' ? item.w : item.h)}
      fits={value => value >= NARROWEST && value <= WIDEST}
      wanted={strings.sizeNeeded(NARROWEST, WIDEST)}
      disabled={readOnly}
      onCommit={value => {
        if (!item) return;
        const size = { w: node.width ?? NOTE_WIDTH, h: node.height ?? 0 };
        const given = name === 'width' ? { w: value ?? NOTE_WIDTH } : { h: value ?? 0 };
        resizeNote(editor, item, { ...size, ...given }, true);
      }}
    />
  );
  return (
    <>
      <Field
        plain
        label={strings.text}
        name="text"
        area
        value={node.text ?? ''}
        disabled={readOnly}
        onCommit={text => editor.setNode(node.id, { ...node, text })}
      />
      {side('width', strings.noteWidth)}
      {side('height', strings.noteHeight)}
    </>
  );
}

export function JoinForm(props: FormProps<Join>): JSX.Element {
  const { node, problems, readOnly } = props;
  const { need = 'all', rest = 'absorb' } = node;
  const count = typeof need === 'number';
  return (
    <>
      <SelectField<'all' | 'any' | 'some'>
        label={strings.waitsFor}
        name="need"
        value={count ? 'some' : need}
        options={[
          ['all', strings.needAll],
          ['any', strings.needAny],
          ['some', strings.needSome]
        ]}
        disabled={readOnly}
        problems={count ? [] : at(problems, 'need')}
        onChange={value => {
          const { need: _need, rest: _rest, ...bare } = node;
          if (value === 'all') props.editor.setNode(node.id, bare);
          else put(props, 'need', value === 'some' ? 2 : 'any');
        }}
      />
      {count && (
        <NumberField
          label={strings.needCount}
          name="need.count"
          value={need}
          fits={value => Number.isInteger(value) && value >= 1}
          wanted={strings.countNeeded}
          disabled={readOnly}
          problems={at(problems, 'need')}
          onCommit={value => put(props, 'need', value ?? 1)}
        />
      )}
      {need !== 'all' && (
        <SelectField<'absorb' | 'cancel'>
          label={strings.restOf}
          name="rest"
          value={rest}
          options={[
            ['absorb', strings.restAbsorb],
            ['cancel', strings.restCancel]
          ]}
          disabled={readOnly}
          problems={at(problems, 'rest')}
          onChange={value => put(props, 'rest', value === 'absorb' ? undefined : value)}
        />
      )}
      {need === 'all' && <p class="wfnb-hint">{strings.joinHint}</p>}
    </>
  );
}

export function ApprovalForm(props: FormProps<Approval>): JSX.Element {
  const { node, problems, readOnly } = props;
  return (
    <>
      <Field
        label={strings.prompt}
        {...bound(props, 'prompt')}
        area
        help={strings.promptHelp}
        hint={strings.promptHelp}
        value={node.prompt ?? ''}
        onCommit={text => put(props, 'prompt', text || undefined)}
      />
      <PairsField
        title={strings.formFields}
        name="form"
        pairs={Object.entries(node.form ?? {})}
        keyLabel={strings.inputName}
        valueLabel={strings.inputType}
        add={strings.addField}
        empty={strings.noFields}
        fresh="str"
        options={[...TYPES, "Literal['yes', 'no']"]}
        disabled={readOnly}
        problems={within(problems, 'form')}
        onCommit={pairs => put(props, 'form', pairs.length ? Object.fromEntries(pairs) : undefined)}
      />
    </>
  );
}
