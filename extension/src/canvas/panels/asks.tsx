/** What a run asks of people: a form for each approval that waits, over the drawing. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { answerOf, kindOf } from '../session/answers';
import type { Answered, Texts } from '../session/answers';
import { findNode } from '../document/document';
import { useStore } from '../ground/hooks';
import { own } from '../ground/own';
import { Button, Icon } from '../parts/parts';
import type { Session } from '../session/session';
import { titleOf } from '../look/shapes';
import { strings } from '../texts/strings';
import type { Surface } from '../surface/surface';
import type { ApprovalInfo, Unfit } from '../wire.gen';

/** `run` is the run in view; what another one asks is not shown. */
export function Asks(props: {
  session: Session;
  surface: Surface;
  run: string | undefined;
}): JSX.Element | null {
  const { session } = props;
  const asked = useStore(session.approvals);
  const unfit = useStore(session.unfit);
  const { whole: document } = useStore(session.view);
  const [folded, fold] = useState(false);
  const list = asked && asked.run === props.run ? asked.approvals : [];
  if (!list.length) return null;
  return (
    <section class={`wfnb-asks ${folded ? 'wfnb-folded' : ''}`} aria-label={strings.approvals}>
      <header>
        <Icon name="approval" />
        <b role="status">{strings.asks(list.length)}</b>
        <Button
          icon={folded ? 'down' : 'up'}
          class="wfnb-small"
          title={folded ? strings.unfold : strings.fold}
          onClick={() => fold(!folded)}
        />
      </header>
      {!folded &&
        list.map(approval => {
          const owner = ownerOf(approval, asked?.run ?? '');
          const node = findNode(document, owner);
          const title = node ? titleOf(node) : owner;
          return (
            <Answer
              key={`${approval.run ?? ''} ${approval.node} ${approval.visit ?? 1}`}
              session={session}
              approval={approval}
              title={approval.run ? `${title} · ${approval.node}` : title}
              unfit={unfit && isFor(unfit, approval) ? unfit : null}
              find={() => {
                props.surface.select({ nodes: [owner], edges: [] });
                props.surface.view.reveal(owner);
              }}
              leave={form => focusAfter(form, props.surface.host)}
            />
          );
        })}
    </section>
  );
}

/** Where the keyboard goes on once a form is answered: in the next one, else on the drawing. */
function focusAfter(form: HTMLElement, host: HTMLElement): void {
  const others = form.parentElement?.querySelectorAll<HTMLElement>('.wfnb-answer') ?? [];
  const next = [...others].find(other => other !== form);
  (next?.querySelector<HTMLElement>(CONTROLS) ?? host).focus({ preventScroll: true });
}

const CONTROLS = 'input,select,footer button';

/** The node of the drawing that asks: for a child run, the one that started it (`run/node[3]`, `run/node#2`). */
function ownerOf({ node, run = '' }: ApprovalInfo, parent: string): string {
  if (!run.startsWith(`${parent}/`)) return node;
  return run.slice(parent.length + 1).replace(/(\[\d+\]|#\d+|\/).*$/s, '');
}

const isFor = (unfit: Unfit, { node, run = '' }: ApprovalInfo): boolean =>
  unfit.node === node && (unfit.run ?? '') === run;

const ofChild = ({ run }: ApprovalInfo): { run?: string } => (run ? { run } : {});

function Answer(props: {
  session: Session;
  approval: ApprovalInfo;
  title: string;
  unfit: Unfit | null;
  find: () => void;
  /** Gives the keyboard away when the form that had it goes. */
  leave: (form: HTMLElement) => void;
}): JSX.Element {
  const { session, approval, unfit } = props;
  const form = Object.entries(approval.form ?? {});
  const [texts, setTexts] = useState<Texts>({});
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [sent, setSent] = useState(false);
  const [tries, setTries] = useState(0);
  // Whatever comes back makes the form usable again.
  useEffect(() => setSent(false), [unfit, approval]);
  const hold = useRef<HTMLFormElement>(null);
  const active = (): HTMLElement | null =>
    hold.current?.matches(':focus-within') ? hold.current : null;
  useEffect(() => {
    // Refused: on with what is wrong.
    if (!sent) active()?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [sent, tries]);
  useEffect(() => {
    const form = hold.current;
    return () => form?.matches(':focus-within') && props.leave(form);
  }, []);
  const send = (value: unknown): void => {
    // The button that has the keyboard can not keep it while it is disabled.
    active()?.focus({ preventScroll: true });
    setSent(true);
    session.send({ type: 'approve', node: approval.node, value, ...ofChild(approval) });
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const answer: Answered = answerOf(approval.form ?? {}, texts);
    setWrong(answer.wrong);
    setTries(tries + 1);
    if (!Object.keys(answer.wrong).length) send(answer.value);
  };
  const troubles = { ...unfit?.fields, ...wrong };
  return (
    <form
      ref={hold}
      tabIndex={-1}
      class="wfnb-answer"
      data-approval={approval.node}
      onSubmit={submit}
      aria-label={props.title}
      noValidate
    >
      <button type="button" class="wfnb-asktitle" title={strings.showNode} onClick={props.find}>
        {props.title}
      </button>
      {approval.prompt && <p class="wfnb-prompt">{approval.prompt}</p>}
      {form.map(([name, type]) => (
        <AnswerField
          key={name}
          name={name}
          type={type}
          text={own(texts, name)}
          trouble={own(troubles, name) ?? ''}
          disabled={sent}
          onInput={text => {
            const { [name]: _before, ...rest } = wrong;
            setWrong(rest);
            setTexts({ ...texts, [name]: text });
          }}
        />
      ))}
      {unfit && !Object.keys(unfit.fields ?? {}).length && (
        <span class="wfnb-trouble" role="alert">
          {unfit.message}
        </span>
      )}
      <footer>
        {form.length > 0 ? (
          <button
            type="submit"
            class="wfnb-button wfnb-primary"
            data-action="answer"
            disabled={sent}
          >
            {sent ? strings.sending : strings.answer}
          </button>
        ) : (
          <>
            <Button name="decline" disabled={sent} onClick={() => send(false)}>
              {strings.decline}
            </Button>
            <Button name="approve" class="wfnb-primary" disabled={sent} onClick={() => send(true)}>
              {strings.approve}
            </Button>
          </>
        )}
      </footer>
    </form>
  );
}

function AnswerField(props: {
  name: string;
  type: string;
  text: string | undefined;
  trouble: string;
  disabled: boolean;
  onInput: (text: string) => void;
}): JSX.Element {
  const { name, text = '', trouble, disabled } = props;
  const id = useId();
  const kind = kindOf(props.type);
  const why = trouble && (
    <span class="wfnb-trouble" id={`${id}-why`}>
      {trouble}
    </span>
  );
  const shared = {
    'data-answer': name,
    'aria-label': name,
    'aria-invalid': trouble !== '',
    'aria-describedby':
      [trouble && `${id}-why`, kind.kind !== 'check' && id].filter(Boolean).join(' ') || undefined,
    disabled
  };
  if (kind.kind === 'check') {
    return (
      <>
        <label class="wfnb-check">
          <input
            {...shared}
            type="checkbox"
            checked={text === 'true'}
            onChange={event => props.onInput(String(event.currentTarget.checked))}
          />
          {name}
        </label>
        {why}
      </>
    );
  }
  return (
    <label class="wfnb-field">
      <span class="wfnb-caption">
        {name}
        <span class="wfnb-type" id={id}>
          {props.type}
        </span>
      </span>
      {kind.kind === 'choice' ? (
        <select
          {...shared}
          class="wfnb-input"
          onChange={event => props.onInput(event.currentTarget.value)}
        >
          <option value="">{strings.chooseOne}</option>
          {kind.options.map(option => (
            <option value={JSON.stringify(option)} key={String(option)}>
              {String(option)}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          class={`wfnb-input ${kind.kind === 'json' ? 'wfnb-fx' : ''}`}
          inputMode={kind.kind === 'number' ? 'decimal' : 'text'}
          placeholder={kind.kind === 'json' ? 'JSON' : ''}
          autocomplete="off"
          value={text}
          onInput={event => props.onInput(event.currentTarget.value)}
        />
      )}
      {why}
    </label>
  );
}
