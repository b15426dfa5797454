/** The footer: what the check says, and the way to each problem. */
import type { JSX } from 'preact';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import { jump } from '../editor/jump';
import { Icon } from '../parts/parts';
import { sorted, tallyOf } from '../document/problemindex';
import { Properties, ShowTokens } from './properties';
import { strings } from '../texts/strings';
import type { Checked, Problem, Property } from '../wire.gen';

const ICONS = { error: 'cross', warning: 'alert', advice: 'dot' } as const;

/** All properties, in short: `✕ terminates · ✓ 8 proved · ? 1 not known`. */
function verdicts({ properties = [] }: Checked): string {
  const of = (verdict: Property['verdict']): string[] =>
    properties.filter(property => property.verdict === verdict).map(({ name }) => name);
  const [refuted, proved, unknown] = [of('refuted'), of('proved'), of('unknown')];
  // A net or a part of a drawing has few that can be decided: then the one is named.
  if (properties.length === 1 && proved[0] !== undefined) return `✓ ${proved[0]}`;
  const words = refuted.length > MOST ? [strings.refuted(refuted.length)] : refuted;
  return [
    ...words.map(text => `✕ ${text}`),
    ...(proved.length ? [`✓ ${strings.proved(proved.length)}`] : []),
    ...(unknown.length ? [`? ${strings.unknown(unknown.length)}`] : [])
  ].join(' · ');
}

/** More names than these do not fit on the line. */
const MOST = 3;

export function Problems(props: {
  editor: Editor;
  open: boolean;
  toggle: () => void;
}): JSX.Element {
  const { editor } = props;
  const checked = useStore(editor.session.checked);
  const { revision, unreadable } = useStore(editor.session.view);
  const kernel = useStore(editor.session.kernel);
  const problems = sorted(checked?.problems ?? []);
  const { text, loose } = tallyOf(checked?.problems ?? null);
  const [first] = problems;
  const current = checked !== null && checked.revision >= revision;
  const detail = checked
    ? [
        current ? strings.checkedIn(checked.ms ?? 0) : strings.checking,
        // Of a sketch that is not connected yet there is nothing to prove.
        loose ? '' : verdicts(checked)
      ]
        .filter(Boolean)
        .join(' · ')
    : {
        none: strings.noKernel,
        starting: strings.startingKernel,
        connected: unreadable ? '' : strings.checking,
        unknown: ''
      }[kernel];
  return (
    <footer
      class="wfnb-footer"
      onKeyDown={event => event.key === 'Escape' && props.open && props.toggle()}
    >
      <button
        type="button"
        class="wfnb-line wfnb-summary"
        aria-expanded={props.open}
        title={props.open ? strings.hideProblems : strings.showProblems}
        onClick={props.toggle}
      >
        <b>{text}</b>
        <span class="wfnb-first">{first && `${first.code} ${first.message}`}</span>
        <span class="wfnb-dim">{detail}</span>
      </button>
      {props.open && checked && (
        <div class={`wfnb-findings ${problems.length ? '' : 'wfnb-only'}`}>
          {problems.length > 0 && (
            <ul class="wfnb-problemlist" aria-label={strings.problems(problems.length)}>
              {problems.map((problem, i) => (
                <li class="wfnb-problem" key={i}>
                  <ProblemLine problem={problem} editor={editor} />
                  <ShowTokens
                    property={shownBy(problem, checked)}
                    editor={editor}
                    stale={!current}
                    close={props.toggle}
                  />
                </li>
              ))}
            </ul>
          )}
          <Properties editor={editor} stale={!current} close={props.toggle} />
        </div>
      )}
    </footer>
  );
}

/** The property whose counterexample a problem tells in words. */
function shownBy({ message }: Problem, { properties = [] }: Checked): Property | undefined {
  return properties.find(({ trace = [] }) => {
    return trace.length > 0 && message.includes(trace.map(step => step.text).join('; '));
  });
}

function ProblemLine({ problem, editor }: { problem: Problem; editor: Editor }): JSX.Element {
  const { foreign = '', path = [] } = problem;
  const scope = [...(foreign ? [foreign] : []), ...path];
  return (
    <button
      type="button"
      class="wfnb-line"
      data-code={problem.code}
      onClick={() => jump(problem, editor)}
    >
      <span
        class={`wfnb-severity-${problem.severity}`}
        title={strings.severities[problem.severity]}
      >
        <Icon name={ICONS[problem.severity]} />
      </span>
      <code>{problem.code}</code>
      <span class="wfnb-what">
        {scope.length ? <b>{scope.join(' › ')}: </b> : null}
        {problem.message} <span class="wfnb-dim">{problem.help}</span>
      </span>
    </button>
  );
}
