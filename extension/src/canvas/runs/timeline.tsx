/** The time line: a bar for each attempt of each task, and the slider over the events below them. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useStore } from '../ground/hooks';
import { gapsOf, Ruler } from '../session/idle';
import type { Gap } from '../session/idle';
import type { Player } from '../session/player';
import type { ReplayDesk } from './replaydesk';
import type { RunHistory, Session } from '../session/session';
import { strings } from '../texts/strings';
import { duration } from '../ground/time';
import type { TaskRow } from '../wire.gen';

const ROW = 24;
const SPARE = 4;
/** Ticks closer than this are drawn as one. */
const TICK = 3;

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`;

export function Timeline(props: {
  desk: ReplayDesk;
  history: RunHistory;
  choose: (at: number, node: string) => void;
}): JSX.Element {
  const { desk, history, choose } = props;
  const { session, player } = desk;
  useStore(session.frame);
  useStore(player.wanted);
  const compress = useStore(desk.compress);
  const { nodes } = useStore(desk.surface.selection);
  const going = useGoing(session);
  const scale = scaleOf(session, history, going, compress);
  const { at } = player;
  // At the live end of a run that goes on, the present is further than its last event.
  const focus = player.live && going ? scale.end : (history.events[at - 1]?.ts ?? scale.start);
  return (
    <div class="wfnb-timeline" role="group" aria-label={strings.timeline}>
      <Bars {...{ history, scale, at, nodes, choose }} />
      <Slider {...{ history, player, scale, focus, going }} />
      <i class="wfnb-lane">
        {scale.gaps.map(gap => (
          <GapMark gap={gap} scale={scale} key={gap.start} />
        ))}
        <i class="wfnb-now" style={{ left: percent(scale.x(focus)) }} />
      </i>
    </div>
  );
}

/** A time in which nothing was done, drawn shorter than it was: broken lines, and how long it was. */
function GapMark({ gap, scale }: { gap: Gap; scale: Ruler }): JSX.Element {
  const [x1, x2] = [scale.x(gap.start), scale.x(gap.end)];
  return (
    <i class="wfnb-gap" style={{ left: percent(x1), width: percent(x2 - x1) }}>
      <span>{`// ${duration(gap.end - gap.start)}`}</span>
    </i>
  );
}

/** Whether the run in view goes on; renders ten times a second while it does. */
function useGoing(session: Session): boolean {
  const runs = useStore(session.runs);
  const head = useStore(session.live.head);
  const open = useStore(session.history)?.run;
  const [, tick] = useState(0);
  const row = runs.find(run => run.run === open);
  const going = row ? row.ended == null : head?.ended == null && head?.state === 'running';
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(() => tick(count => count + 1), 100);
    return () => clearInterval(timer);
  }, [going]);
  return going;
}

function scaleOf(session: Session, history: RunHistory, going: boolean, compress: boolean): Ruler {
  const head = session.live.head.get();
  const last = history.events.at(-1)?.ts ?? 0;
  const start = history.events[0]?.ts ?? head?.started ?? 0;
  const end = Math.max(start + 1, last, going ? Date.now() : 0);
  return new Ruler(start, end, compress ? gapsOf(history.tasks, start, end) : []);
}

function Bars(props: {
  history: RunHistory;
  scale: Ruler;
  at: number;
  nodes: readonly string[];
  choose: (at: number, node: string) => void;
}): JSX.Element {
  const { scale, at, nodes } = props;
  const { tasks } = props.history;
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [height, setHeight] = useState(4 * ROW);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const focused = lastStarted(tasks, at);
  useEffect(() => bring(box.current, focused), [focused]);
  useEffect(() => {
    const shown = tasks.flatMap(({ node }, i) => (nodes.includes(node) ? [i] : []));
    if (!shown.some(row => isIn(box.current, row))) bring(box.current, shown[0] ?? -1);
  }, [nodes]);
  const first = Math.max(0, Math.floor(scroll / ROW) - SPARE);
  const shown = tasks.slice(first, Math.ceil((scroll + height) / ROW) + SPARE);
  return (
    <div
      class="wfnb-bars"
      ref={box}
      role="group"
      aria-label={strings.tasks}
      // Where it is scrolled, it is by keyboard as well.
      tabIndex={0}
      onScroll={event => setScroll(event.currentTarget.scrollTop)}
    >
      <div class="wfnb-allbars" style={{ height: tasks.length * ROW }}>
        {shown.map((row, i) => (
          <Bar
            key={`${row.first ?? 0} ${row.node}`}
            row={row}
            top={(first + i) * ROW}
            scale={scale}
            at={at}
            picked={nodes.includes(row.node)}
            choose={props.choose}
          />
        ))}
      </div>
    </div>
  );
}

function isIn(box: HTMLElement | null, row: number): boolean {
  if (!box) return false;
  const y = row * ROW;
  return y >= box.scrollTop && y + ROW <= box.scrollTop + box.clientHeight;
}

/** Scrolls as little as brings a row into view. */
function bring(box: HTMLElement | null, row: number): void {
  if (!box || row < 0 || isIn(box, row)) return;
  const y = row * ROW;
  box.scrollTop = y < box.scrollTop ? y : y + ROW - box.clientHeight;
}

/** The row that the event in focus is about, or the last one that had started by then. */
function lastStarted(tasks: readonly TaskRow[], at: number): number {
  let found = -1;
  tasks.forEach((row, i) => {
    if ((row.first ?? 0) <= at) found = i;
  });
  return found;
}

function Bar(props: {
  row: TaskRow;
  top: number;
  scale: Ruler;
  at: number;
  picked: boolean;
  choose: (at: number, node: string) => void;
}): JSX.Element {
  const { row, scale, at, picked } = props;
  const [x1, x2] = [scale.x(row.started), scale.x(row.ended ?? scale.end)];
  const count = row.attempt > 1 ? row.attempt : row.visit;
  const label = count > 1 ? `${row.node} ·${count}` : row.node;
  const pause = row.retry_at != null && row.ended != null ? scale.x(row.retry_at) - x2 : 0;
  const time = duration((row.ended ?? scale.end) - row.started);
  const later = (row.first ?? 0) > at ? 'wfnb-later' : '';
  return (
    <button
      type="button"
      tabIndex={-1}
      class={`wfnb-task ${later} ${picked ? 'wfnb-picked' : ''}`}
      aria-current={picked}
      style={{ top: props.top }}
      title={`${label} · ${strings.states[row.state]} · ${time}`}
      data-node={row.node}
      data-state={row.state}
      onClick={() => props.choose(row.last ?? row.first ?? 0, row.node)}
    >
      <span class="wfnb-tasklabel">{label}</span>
      <i class="wfnb-lane">
        <i
          class={`wfnb-span wfnb-is-${row.state === 'retrying' ? 'failed' : row.state}`}
          style={{ left: percent(x1), width: percent(x2 - x1) }}
        />
        {pause > 0 && (
          <i class="wfnb-pause" style={{ left: percent(x2), width: percent(pause) }}>
            {pause > 0.05 && strings.backoff}
          </i>
        )}
      </i>
    </button>
  );
}

function Slider(props: {
  history: RunHistory;
  player: Player;
  scale: Ruler;
  focus: number;
  going: boolean;
}): JSX.Element {
  const { history, player, scale, focus } = props;
  const track = useRef<HTMLDivElement>(null);
  const { at, total, live } = player;
  const last = props.going ? strings.live : strings.atEnd;
  const pick = (event: PointerEvent): void => {
    const box = track.current?.getBoundingClientRect();
    if (!box) return;
    player.pause();
    const share = (event.clientX - box.left) / box.width;
    if (share >= 0.997) return player.seek(null);
    player.seek(nearest(history, scale.at(share)));
  };
  const keys = (event: KeyboardEvent): void => {
    // The others are the whole run view's (runkeys.tsx).
    const by = { ArrowDown: -1, ArrowUp: 1, PageUp: 10, PageDown: -10 }[event.key];
    if (!by) return;
    player.step(by);
    event.preventDefault();
  };
  return (
    <div
      class="wfnb-slider"
      role="slider"
      tabIndex={0}
      aria-label={strings.timeline}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={at}
      aria-valuetext={live ? last : strings.atEvent(at, total)}
      onKeyDown={keys}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pick(event);
      }}
      onPointerMove={event => event.buttons & 1 && pick(event)}
    >
      <div class="wfnb-lane" ref={track}>
        <i class="wfnb-track" />
        <Ticks history={history} scale={scale} />
        <i
          class={`wfnb-thumb ${live ? 'wfnb-live' : ''}`}
          style={{ left: percent(scale.x(focus)) }}
        >
          <span>{live ? last : at}</span>
        </i>
      </div>
    </div>
  );
}

/** The number of events up to this moment; the nearest event counts as reached. */
function nearest({ events }: RunHistory, ts: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.ts ?? 0) <= ts) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [events[low - 1], events[low]];
  const next = after && before && after.ts - ts < ts - before.ts;
  return next ? after.seq : (before?.seq ?? 0);
}

function Ticks({ history, scale }: { history: RunHistory; scale: Ruler }): JSX.Element {
  const { events } = history;
  // The end moves all the time while a run goes on: whole seconds are fine enough for ticks.
  const end = Math.ceil(scale.end / 1000);
  const broken = scale.gaps.length;
  const places = useMemo(() => {
    const seen = new Set<number>();
    for (const event of events) seen.add(Math.round((scale.x(event.ts) * 1000) / TICK) * TICK);
    return [...seen];
  }, [events, end, broken]);
  return (
    <>
      {places.map(place => (
        <i class="wfnb-tick" key={place} style={{ left: percent(place / 1000) }} />
      ))}
    </>
  );
}
