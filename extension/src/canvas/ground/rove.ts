/**
 * A bar of many buttons is one stop of the Tab key: arrows go along it (the toolbar pattern of WAI-ARIA).
 *
 * Whatever comes and goes meanwhile, no button is taken out of the order of Tab but for the moment in
 * which Tab is pressed.
 */
const STOPS = ':is(button,select,input):not(:disabled)';

/** What answers the keys of a bar. */
export function alongBar(event: KeyboardEvent): void {
  const { currentTarget: bar, target } = event;
  if (!(bar instanceof HTMLElement) || !(target instanceof HTMLElement)) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const stops = [...bar.querySelectorAll<HTMLElement>(STOPS)].filter(
    stop => stop.checkVisibility() && stop.tabIndex >= 0
  );
  const at = stops.indexOf(target);
  if (at < 0) return;
  if (event.key === 'Tab') return leave(stops, target);
  if (target.matches('input,select') || event.shiftKey) return;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  stops.at(to % stops.length)?.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** Lets the browser pass by the others as it answers the key. */
function leave(stops: readonly HTMLElement[], target: HTMLElement): void {
  const others = stops.filter(stop => stop !== target);
  for (const stop of others) stop.tabIndex = -1;
  setTimeout(() => {
    for (const stop of others) stop.removeAttribute('tabindex');
  });
}
