/** What the check knows about how a workflow behaves: each property with its verdict, and the way to see it. */
import type { JSX } from 'preact';
import type { Editor } from '../editor/editor';
import { useStore } from '../ground/hooks';
import type { IconName } from '../look/icons';
import { Button, Icon } from '../parts/parts';
import { strings } from '../texts/strings';
import type { Property } from '../wire.gen';

const LOOKS: Record<Property['verdict'], { icon: IconName; tone: string }> = {
  proved: { icon: 'check', tone: 'ok' },
  refuted: { icon: 'cross', tone: 'bad' },
  unknown: { icon: 'dot', tone: 'dim' }
};

const RANK = { refuted: 0, unknown: 2, proved: 1 };

interface Shown {
  editor: Editor;
  /** Whether the drawing has changed since. */
  stale: boolean;
  /** Makes room for the drawing. */
  close: () => void;
}

export function Properties(props: Shown): JSX.Element {
  const { editor } = props;
  const checked = useStore(editor.session.checked);
  const found = [...(checked?.properties ?? [])].sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  return (
    <section
      class="wfnb-properties"
      // Where it is scrolled, it is by keyboard as well.
      tabIndex={0}
      aria-label={strings.properties}
      aria-busy={props.stale}
    >
      <h3>{strings.properties}</h3>
      <ul>
        {found.map(property => (
          <Row {...props} property={property} key={property.name} />
        ))}
      </ul>
    </section>
  );
}

function Row(props: Shown & { property: Property }): JSX.Element {
  const { property } = props;
  const { icon, tone } = LOOKS[property.verdict];
  return (
    <li data-property={property.name} data-verdict={property.verdict}>
      <span class={`wfnb-tone wfnb-tone-${tone} wfnb-verdictword`}>
        <Icon name={icon} />
        {strings.verdicts[property.verdict]}
      </span>
      <span class="wfnb-propertyname">
        {property.name}
        {property.why && <small>{property.why}</small>}
      </span>
      <ShowTokens {...props} />
    </li>
  );
}

/** Leads to a counterexample, where there is one. */
export function ShowTokens(props: Shown & { property: Property | undefined }): JSX.Element | null {
  const { property, editor } = props;
  if (!property?.trace?.length) return null;
  return (
    <Button
      name="show-tokens"
      title={strings.showTokensHelp}
      disabled={props.stale}
      onClick={() => {
        props.close();
        // It is one of the whole document.
        editor.session.go([]);
        editor.stepper.begin(property);
      }}
    >
      {strings.showTokens}
    </Button>
  );
}
