/** A table of any length: only the rows in view are in the page. */
import type { ComponentChild, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface Column<R> {
  name: string;
  title: string;
  /** CSS track size. */
  size: string;
  number?: boolean;
  mono?: boolean;
  cell: (row: R) => ComponentChild;
}

const ROW = 25;
const SPARE = 8;

/** What the columns need with the gaps between them and the margins (style.run.ts); below it the table scrolls. */
function leastWidth<R>(columns: readonly Column<R>[]): number {
  const sizes = columns.map(column => Number(/\d+/.exec(column.size)?.[0] ?? 0));
  return sizes.reduce((sum, size) => sum + size + 10, 14);
}

export function Rows<R>(props: {
  name: string;
  label: string;
  rows: readonly R[];
  columns: readonly Column<R>[];
  /** The row in focus, which is kept in view. */
  focus: number;
  choose: (row: R) => void;
  later?: (row: R) => boolean;
  /** Whether what it is of is selected on the drawing. */
  picked?: (row: R) => boolean;
}): JSX.Element {
  const { rows, columns, focus } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [height, setHeight] = useState(400);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (!element || focus < 0) return;
    const y = focus * ROW;
    const visible =
      y >= element.scrollTop && y + 2 * ROW <= element.scrollTop + element.clientHeight;
    if (!visible) element.scrollTop = Math.max(0, y - element.clientHeight / 2);
  }, [focus]);
  const first = Math.max(0, Math.floor(scroll / ROW) - SPARE);
  const last = Math.min(rows.length, Math.ceil((scroll + height) / ROW) + SPARE);
  const template = { 'grid-template-columns': columns.map(column => column.size).join(' ') };
  const least = { minWidth: leastWidth(columns) };
  const keys = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height / ROW) - 2);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    const row = by ? rows[Math.max(0, Math.min(rows.length - 1, focus + by))] : undefined;
    if (row === undefined) return;
    event.preventDefault();
    props.choose(row);
  };
  return (
    <div
      class="wfnb-rows"
      ref={box}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.length}
      aria-readonly="true"
      aria-activedescendant={focus >= first && focus < last ? `${id}-${focus}` : undefined}
      data-table={props.name}
      tabIndex={0}
      onKeyDown={keys}
      onScroll={event => setScroll(event.currentTarget.scrollTop)}
    >
      <div class="wfnb-row wfnb-rowhead" role="row" style={{ ...template, ...least }}>
        {columns.map(column => (
          <span role="columnheader" class={column.number ? 'wfnb-number' : ''} key={column.name}>
            {column.title}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ ...least, height: rows.length * ROW, position: 'relative' }}>
        {rows.slice(first, last).map((row, i) => (
          <div
            class={`wfnb-row ${first + i === focus ? 'wfnb-on' : ''} ${props.later?.(row) ? 'wfnb-later' : ''} ${props.picked?.(row) ? 'wfnb-picked' : ''}`}
            role="row"
            id={`${id}-${first + i}`}
            aria-rowindex={first + i + 1}
            aria-selected={first + i === focus}
            key={first + i}
            style={{ ...template, top: (first + i) * ROW }}
            onClick={() => props.choose(row)}
          >
            {columns.map(column => (
              <span
                role="gridcell"
                class={`${column.number ? 'wfnb-number' : ''} ${column.mono ? 'wfnb-mono' : ''}`}
                key={column.name}
              >
                {column.cell(row)}
              </span>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
