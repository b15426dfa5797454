/**
 * A file that follows the text of a drawing in the page: written as it changes, and never over what
 * others wrote. (For a drawing in a cell the kernel does the same: wfnb/widgets/keeping.py.)
 */
import { onLeaving, put, take } from '../ground/stash';
import { strings } from '../texts/strings';
import type { Request, Resolve, Saving } from '../wire.gen';

/** Where the text is written to. */
export interface FileHost {
  /** Tells this file from all others, after a reload too. */
  name(): string;
  /** Which version the file has now, null where it is gone; rejects where nobody answers. */
  version(): Promise<string | null>;
  /** Which version the text was last read from, or written as. */
  known(): string;
  read(): Promise<string | null>;
  /** Writes the text; `quietly` shows no window where that fails. */
  write(quietly: boolean): Promise<void>;
  /** Counts the file as it is as known, and has its text. */
  adopt(): Promise<void>;
}

/** Whoever has the text. */
export interface Desk {
  text(): string;
  /** Why the text is no drawing; empty if it is one. */
  trouble(): string;
  /** Makes the drawing that a text says, as one gesture; false if it says none. */
  take(text: string, label: string): boolean;
  /** Has the text of the drawing where the host had the file's own. */
  put(): void;
  tell(state: Saving): void;
  /** Asks the kernel; false where there is none. */
  ask(message: Request): boolean;
  fail(message: string): void;
}

/** Rest after an edit before the file is written. */
const SAVE_AFTER = 300;
/** Rest before a file that could not be written is tried again. */
const AGAIN_AFTER = 5000;
/** How often is looked whether somebody else wrote the file. */
const LOOK_EVERY = 2000;

interface Left {
  base: string;
  text: string;
}

export class Filing {
  private now: Saving = { type: 'saving', state: 'saved' };
  /** What the file had when it was last read or written here. */
  private base: string;
  private theirs: string | null = null;
  private at: Promise<unknown> | null = null;
  private failed = false;
  private written = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private stop: () => void;

  constructor(
    private file: FileHost,
    private desk: Desk
  ) {
    this.base = desk.text();
    this.stop = onLeaving(() => this.leave());
    if (typeof document !== 'undefined') {
      this.watch = setInterval(() => {
        if (document.visibilityState === 'visible') void this.look();
      }, LOOK_EVERY);
    }
  }

  get state(): Saving {
    return this.now;
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.stop();
  }

  /** Makes again what was left unsaved when the page was last left. */
  recover(): void {
    const left = take(this.place) as Left | null;
    if (!left || left.text === this.base) return;
    const { base } = this;
    if (!this.desk.take(left.text, strings.did.recover) || left.base === base) return;
    // Somebody wrote the file meanwhile.
    this.base = left.base;
    void this.alone(() => this.collide());
  }

  /** The text has changed, by whomever: it is written after a rest, the first of several changes at once. */
  changed(): void {
    if (this.at) return; // whoever is at it looks again afterwards
    if (this.now.state === 'conflict') return void this.alone(() => this.collide());
    clearTimeout(this.timer);
    const why = this.desk.trouble();
    if (this.desk.text() === this.base) this.set({ type: 'saving', state: 'saved' });
    else if (why) this.set({ type: 'saving', state: 'unsaved', why });
    else {
      this.set({ type: 'saving', state: 'saving' });
      const rested = Date.now() >= this.written + SAVE_AFTER;
      this.timer = setTimeout(() => void this.save(), rested ? 0 : SAVE_AFTER);
    }
  }

  /** The host has the file's own text again. */
  clean(): void {
    if (this.at) return;
    this.base = this.desk.text();
    this.changed();
  }

  /** Writes the text now, unless somebody else wrote the file meanwhile. */
  save(): Promise<void> {
    clearTimeout(this.timer);
    if (this.now.state === 'conflict') return Promise.resolve();
    return this.alone(() => this.write());
  }

  /** Notices what somebody else wrote: taken over where nothing of the drawing would be lost. */
  async look(): Promise<void> {
    if (this.at || this.now.state !== 'saved') return;
    await this.alone(async () => {
      const version = await this.file.version();
      if (version === this.file.known() || this.desk.text() !== this.base) return;
      const theirs = version === null ? null : await this.file.read();
      if (theirs === null) return; // gone: the next edit asks what is to become of it
      if (this.desk.text() !== this.base) return;
      await this.file.adopt();
      this.base = theirs;
      this.desk.take(theirs, strings.did.takeFile(this.file.name()));
    });
  }

  /** A kernel is there: it keeps earlier versions, and compares. */
  greet(): void {
    if (this.now.state === 'conflict') this.compare();
    else this.desk.ask({ type: 'kept', text: this.base });
  }

  /** The kernel has compared what collides. */
  compared(found: Saving): void {
    if (this.now.state === 'conflict') this.set(found);
  }

  async resolve(choice: Resolve['choice']): Promise<void> {
    if (this.now.state !== 'conflict') return;
    if (choice !== 'mine' && this.theirs === null) {
      this.desk.fail(strings.fileGone);
      return;
    }
    const asked = this.desk.ask({ type: 'resolve', choice });
    if (choice !== 'merge') await this.settle(choice === 'theirs');
    else if (!asked) this.desk.fail(strings.noKernel);
  }

  /** Both versions are put together in the drawing. */
  merged(): void {
    if (this.now.state === 'conflict') void this.settle(false);
  }

  private get place(): string {
    return `text:${this.file.name()}`;
  }

  private leave(): void {
    const text = this.desk.text();
    if (text !== this.base && !this.desk.trouble())
      put(this.place, { base: this.base, text } satisfies Left);
  }

  private set(state: Saving): void {
    if (state.state === this.now.state && state.state !== 'conflict' && state.why === this.now.why)
      return;
    this.now = state;
    this.desk.tell(state);
  }

  /** One at a time; what changes meanwhile is seen to afterwards. */
  private async alone(work: () => Promise<void>): Promise<void> {
    while (this.at) await this.at;
    const done = work().catch((error: unknown) => this.refused(error));
    this.at = done;
    await done;
    this.at = null;
    if (!this.failed && this.now.state !== 'conflict') this.changed();
  }

  private refused(error: unknown): void {
    if (this.desk.text() === this.base) return; // nothing to write: looked at again later
    this.failed = true;
    const why = error instanceof Error ? error.message : String(error);
    this.set({ type: 'saving', state: 'unsaved', why: why || strings.noServer });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), AGAIN_AFTER);
  }

  private async write(force = false): Promise<void> {
    if (!force && (await this.file.version()) !== this.file.known()) return this.collide();
    const text = this.desk.text();
    await this.file.write(this.failed);
    this.failed = false;
    this.base = text;
    if (this.desk.text() !== text) this.desk.put();
    this.written = Date.now();
    this.desk.ask({ type: 'kept', text });
  }

  private async collide(): Promise<void> {
    this.theirs = await this.file.read();
    if (this.theirs === this.desk.text() || this.theirs === this.base) {
      // The same in other bytes, or written and put back.
      await this.file.adopt();
      this.desk.put();
      this.base = this.theirs;
      this.set({ type: 'saving', state: 'saving' });
      return;
    }
    const name = this.file.name();
    const gone = this.theirs === null;
    const why = gone ? strings.goneFromDisk(name) : strings.changedOnDisk(name);
    const clashes = [gone ? strings.allOfIt : strings.conflictUnknown];
    this.set({ type: 'saving', state: 'conflict', why, clashes });
    this.compare();
  }

  private compare(): void {
    const { base, theirs } = this;
    if (theirs !== null) this.desk.ask({ type: 'collision', base, theirs });
  }

  private settle(take: boolean): Promise<void> {
    const { theirs } = this;
    return this.alone(async () => {
      if (theirs !== null) {
        await this.file.adopt();
        this.base = theirs;
      }
      if (!take || theirs === null) this.desk.put();
      else this.desk.take(theirs, strings.did.takeFile(this.file.name()));
      this.set({ type: 'saving', state: 'saving' });
      if (this.desk.text() !== this.base || theirs === null) await this.write(theirs === null);
    });
  }
}
