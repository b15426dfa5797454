/** Two runs side by side: each on its own drawing, and below what differs between them. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useStore } from '../ground/hooks';
import { Button } from '../parts/parts';
import type { ReplayDesk } from './replaydesk';
import { Rows } from '../ground/rows';
import type { Column } from '../ground/rows';
import { RunModel } from '../session/run';
import { RunPill } from '../parts/runpill';
import { strings } from '../texts/strings';
import { Surface } from '../surface/surface';
import { followTheme, takeTheme } from '../look/theme';
import { duration } from '../ground/time';
import type { Compared, Difference, RunStatus, Workflow } from '../wire.gen';

const { columns: names, sideNames } = strings;

const two = (pair: readonly unknown[] | undefined, show: (one: unknown) => string): string =>
  strings.ratio(show(pair?.[0]), show(pair?.[1]));

const shown = (text: unknown): string => (typeof text === 'string' && text ? text : '–');
const seconds = (span: unknown): string => (typeof span === 'number' ? duration(1000 * span) : '–');

const COLUMNS: Column<Difference>[] = [
  {
    name: 'mark',
    title: '',
    size: '78px',
    cell: row => (
      <span class={row.differs ? 'wfnb-besidemark' : 'wfnb-dim'}>
        {row.side === 'both' ? (row.differs ? '≠' : '=') : strings.sides[row.side]}
      </span>
    )
  },
  { name: 'node', title: names.node, size: 'minmax(80px,1fr)', cell: row => row.node },
  { name: 'visit', title: names.visit, size: '44px', number: true, cell: row => row.visit },
  {
    name: 'state',
    title: names.state,
    size: 'minmax(96px,1fr)',
    cell: row => two(row.states, shown)
  },
  {
    name: 'value',
    title: names.value,
    size: 'minmax(120px,3fr)',
    mono: true,
    cell: row => two(row.values, shown)
  },
  {
    name: 'duration',
    title: names.duration,
    size: 'minmax(110px,1fr)',
    cell: row => two(row.seconds, seconds)
  }
];

export function ComparePane({ desk }: { desk: ReplayDesk }): JSX.Element {
  const compared = useStore(desk.session.compared);
  const [narrowed, narrow] = useState(false);
  const [chosen, choose] = useState<Difference | null>(null);
  if (!compared) return <p class="wfnb-hint wfnb-line">{strings.compareChoose}</p>;
  const all = compared.rows ?? [];
  const rows = narrowed ? all.filter(row => row.differs) : all;
  const differ = all.filter(row => row.differs).length;
  return (
    <div class="wfnb-beside">
      {[0, 1].map(side => (
        <Name key={side} side={side} compared={compared} desk={desk} />
      ))}
      {[0, 1].map(side => (
        <Side
          key={side}
          label={sideNames[side] ?? ''}
          desk={desk}
          document={compared.documents?.[side]}
          status={compared.statuses?.[side]}
          node={chosen?.node}
        />
      ))}
      <section class="wfnb-besiderows" aria-label={strings.differences}>
        <header>
          <b>{strings.compareRows(differ, all.length + (compared.left_out ?? 0))}</b>
          <label>
            <input
              type="checkbox"
              checked={narrowed}
              onChange={event => narrow(event.currentTarget.checked)}
            />{' '}
            {strings.onlyDifferent}
          </label>
          {!!compared.left_out && (
            <span class="wfnb-dim">{strings.moreRows(compared.left_out)}</span>
          )}
        </header>
        <Rows
          name="differences"
          label={strings.differences}
          rows={rows}
          columns={COLUMNS}
          focus={chosen ? rows.indexOf(chosen) : -1}
          choose={choose}
        />
      </section>
    </div>
  );
}

function Name(props: { side: number; compared: Compared; desk: ReplayDesk }): JSX.Element {
  const { side, compared, desk } = props;
  const id = (side ? compared.b : compared.a) ?? '';
  const status = compared.statuses?.[side];
  const { started = 0, ended = null, state = 'running', error = '' } = status ?? {};
  return (
    <div class="wfnb-besidename" data-side={sideNames[side]} data-run={id}>
      <b>{strings.runShort(id)}</b>
      <RunPill head={{ run: id, state, started, ended, error }} />
      {side === 0 && (
        <Button
          icon="cross"
          class="wfnb-small"
          name="compare-end"
          title={strings.dismiss}
          onClick={() => desk.compare('')}
        />
      )}
    </div>
  );
}

/** One of the runs as it is now, on a drawing of its own that only shows. */
function Side(props: {
  label: string;
  desk: ReplayDesk;
  document: Workflow | undefined;
  status: RunStatus | undefined;
  node: string | undefined;
}): JSX.Element {
  const { label, document: drawn, status, node } = props;
  const hold = useRef<HTMLDivElement>(null);
  const [made, setMade] = useState<{ surface: Surface; run: RunModel } | null>(null);
  useEffect(() => {
    const root = hold.current?.closest<HTMLElement>('.wfnb-root');
    if (!hold.current || !root) return;
    const host = document.createElement('div');
    host.setAttribute('role', 'group');
    host.setAttribute('aria-label', label);
    hold.current.append(host);
    const surface = new Surface(host, takeTheme(root), {});
    const run = new RunModel();
    surface.setRun(run);
    surface.setActivities(props.desk.session.activities.get());
    const stop = followTheme(root, colours => surface.setColours(colours));
    setMade({ surface, run });
    return () => {
      stop();
      surface.dispose();
      host.remove();
    };
  }, []);
  useEffect(() => {
    if (!made || !drawn) return;
    made.surface.setDocument(drawn);
    // Both are to be seen at once, however little room they have.
    made.surface.view.fit(true);
  }, [made, drawn]);
  useEffect(() => {
    if (!made || !drawn || !status) return;
    // What goes on is shown as it was when it was compared.
    made.run.at = status.ended ?? Date.now();
    made.run.apply({ ...status, full: true });
  }, [made, drawn, status]);
  useEffect(() => {
    const there = node !== undefined && made?.surface.graph.items.has(node);
    if (!made || !there) return;
    made.surface.select({ nodes: [node], edges: [] });
    made.surface.view.reveal(node);
  }, [made, node]);
  return <div class="wfnb-besidestage wfnb-stage" ref={hold} data-side={label} />;
}
