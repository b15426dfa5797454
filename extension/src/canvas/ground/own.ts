/**
 * Records whose keys are names that people give. `constructor` and `toString` are names, too, and every object
 * seems to have them; `__proto__` is one that an assignment does not take.
 */

/** What a record itself has under a name. */
export function own<T>(
  record: Readonly<Record<string, T>> | null | undefined,
  name: string
): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Puts a value into a record, whatever its name. */
export function give<T>(record: Record<string, T>, name: string, value: T): void {
  const plain = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(record, name, plain);
}
