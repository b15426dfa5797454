/** The form of a group, and what a node says of the one that it is in. */
import type { JSX } from 'preact';
import { nodesOf } from '../document/document';
import { at, bound, put } from './forms';
import type { FormProps } from './forms';
import { groupOf } from '../layout/frames';
import { takingOut } from '../layout/grouping';
import { LeavingEdges } from './edges';
import { CheckField } from './fields';
import { LockField } from './task';
import { Button, Field, Troubles } from '../parts/parts';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Edit, Group } from '../wire.gen';

export function GroupForm(props: FormProps<Group>): JSX.Element {
  const { editor, node, problems, readOnly } = props;
  const members = node.members ?? [];
  const titles = new Map(nodesOf(editor.document).map(one => [one.id, titleOf(one)]));
  return (
    <>
      <CheckField
        label={strings.cancelsInside}
        name="cancel"
        checked={node.cancel ?? false}
        disabled={readOnly}
        help={strings.cancelsHelp}
        onChange={checked => put(props, 'cancel', checked || undefined)}
      />
      <LockField {...bound(props, 'lock')} />
      <Strategy {...props} />
      <h3>{strings.members}</h3>
      {!members.length && <p class="wfnb-hint">{strings.noMembers}</p>}
      <Troubles problems={at(problems, 'members')} />
      {members.map(id => (
        <div class="wfnb-rowline" key={id} data-member={id}>
          <span class="wfnb-member" title={id}>
            {titles.get(id) ?? id}
          </span>
          <Button
            icon="cross"
            class="wfnb-small"
            title={strings.takeOut}
            disabled={readOnly}
            onClick={() => editor.edit(strings.did.change(node.id), takingOutOf(node, id))}
          />
        </div>
      ))}
      <LeavingEdges {...props} title={strings.interrupts} empty={strings.noInterrupts} />
      {!readOnly && (
        <div class="wfnb-rowline">
          <Button name="ungroup" title={strings.ungroupHelp} onClick={() => editor.ungroup()}>
            {strings.ungroup}
          </Button>
        </div>
      )}
    </>
  );
}

function Strategy(props: FormProps<Group>): JSX.Element {
  const { value = '', onCommit, ...shared } = bound(props, 'strategy');
  return (
    <Field
      {...shared}
      plain
      label={strings.strategy}
      help={strings.strategyHelp}
      hint="concurrent"
      value={value}
      onCommit={text => onCommit(text.trim() || undefined)}
    />
  );
}

function takingOutOf(group: Group, id: string): Edit[] {
  const { members = [], ...bare } = group;
  const left = members.filter(member => member !== id);
  const node: Group = left.length ? { ...bare, members: left } : bare;
  return [{ op: 'set_node', id: group.id, node }];
}

/** Says which group a node is in, and takes it out of there. */
export function Membership({ editor, node, readOnly }: FormProps): JSX.Element | null {
  const group = groupOf(editor.surface.graph.items.values(), node.id);
  if (!group) return null;
  return (
    <div class="wfnb-rowline wfnb-membership">
      <span class="wfnb-dim">{strings.inGroup(titleOf(group.node))}</span>
      {!readOnly && (
        <Button
          name="take-out"
          onClick={() =>
            editor.edit(strings.did.change(group.id), takingOut(editor.document, node.id))
          }
        >
          {strings.takeOut}
        </Button>
      )}
    </div>
  );
}
