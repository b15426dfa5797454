/** When a failed activity is tried again. */
import type { JSX } from 'preact';
import { put } from './forms';
import type { FormProps } from './forms';
import { More, NamesField, numeric } from './fields';
import { TextInput, Troubles } from '../parts/parts';
import { strings } from '../texts/strings';
import type { ActivityInfo, Retry, Task } from '../wire.gen';

const DEFAULTS = { attempts: 3, delay: 1, factor: 2, maximum: 60, jitter: 0 };
type Key = keyof typeof DEFAULTS;
const CHECKS: Record<Key, (text: string) => string> = {
  attempts: numeric(n => Number.isInteger(n) && n >= 1 && n <= 1000, strings.attemptsNeeded),
  delay: numeric(n => n >= 0, strings.pauseNeeded),
  factor: numeric(n => n >= 1, strings.factorNeeded),
  maximum: numeric(n => n >= 0, strings.pauseNeeded),
  jitter: numeric(n => n >= 0 && n <= 1, strings.shareNeeded)
};

export function RetryFields(
  props: FormProps<Task> & { activity: ActivityInfo | undefined }
): JSX.Element {
  const { node, problems, readOnly, activity } = props;
  const retry = node.retry ?? null;
  const own = activity?.retry ?? null;
  const write = (merged: Retry): void => {
    // What equals its default is not written, as in the document the kernel writes.
    for (const name of Object.keys(DEFAULTS) as Key[]) {
      if (merged[name] === DEFAULTS[name]) Reflect.deleteProperty(merged, name);
    }
    put(props, 'retry', merged);
  };
  const set = (key: Key, text: string): void => {
    // One attempt is written down where the activity would be tried more often.
    if (key === 'attempts' && (text.trim() === '' || (Number(text) === 1 && !own))) {
      put(props, 'retry', undefined);
      return;
    }
    write({ ...retry, [key]: text.trim() === '' ? DEFAULTS[key] : Number(text) });
  };
  const cell = (key: Key, label: string): JSX.Element => (
    <span>
      <small>{label}</small>
      <TextInput
        plain
        label={`${strings.retry}: ${label}`}
        name={`retry.${key}`}
        value={retry ? String(retry[key] ?? DEFAULTS[key]) : ''}
        hint={retry ? '' : own ? String(own[key] ?? DEFAULTS[key]) : key === 'attempts' ? '1' : '–'}
        help={!retry && own ? strings.ofActivity(String(own[key] ?? DEFAULTS[key])) : ''}
        disabled={readOnly || (!retry && key !== 'attempts')}
        check={CHECKS[key]}
        onCommit={text => set(key, text)}
      />
    </span>
  );
  const { maximum = DEFAULTS.maximum, jitter = 0, errors = [] } = retry ?? {};
  return (
    <div class="wfnb-field" role="group" aria-label={strings.retry}>
      <span class="wfnb-caption">
        {strings.retry}
        {!retry && own && <span class="wfnb-type">{strings.fromActivity}</span>}
      </span>
      <div class="wfnb-columns">
        {cell('attempts', strings.retryAttempts)}
        {cell('delay', strings.retryDelay)}
        {cell('factor', strings.retryFactor)}
      </div>
      {retry && (
        <More
          title={strings.retryMore}
          open={maximum !== DEFAULTS.maximum || jitter > 0 || errors.length > 0}
        >
          <div class="wfnb-columns">
            {cell('maximum', strings.retryMaximum)}
            {cell('jitter', strings.retryJitter)}
          </div>
          <NamesField
            label={strings.retryErrors}
            name="retry.errors"
            hint={strings.everyError}
            value={errors}
            disabled={readOnly}
            onCommit={names => {
              const { errors: _before, ...bare } = retry;
              write(names ? { ...bare, errors: names } : bare);
            }}
          />
        </More>
      )}
      <Troubles problems={problems.filter(problem => problem.field?.startsWith('retry'))} />
    </div>
  );
}
