/**
 * One page of this browser holds the phone (Web Locks). The others wait: when the holder is closed the next one has it,
 * and a person may take it over at once.
 */
const LOCK = 'centrala.phone';

export class Tab {
  private release: (() => void) | null = null;
  private waiting: AbortController | null = null;

  constructor(
    private readonly person: string,
    private readonly on: { readonly got: () => void; readonly lost: () => void },
  ) {}

  /** Waits for its turn. */
  wait(): void {
    const waiting = new AbortController();
    this.waiting = waiting;
    void this.hold({ signal: waiting.signal });
  }

  /** Takes the phone from the page that has it. */
  take(): void {
    this.waiting?.abort();
    this.waiting = null;
    void this.hold({ steal: true });
  }

  stop(): void {
    this.waiting?.abort();
    this.waiting = null;
    this.release?.();
    this.release = null;
  }

  private async hold(options: LockOptions): Promise<void> {
    const turn = { held: false };
    try {
      await navigator.locks.request(`${LOCK}.${this.person}`, options, () => {
        turn.held = true;
        this.waiting = null;
        this.on.got();
        return new Promise<void>((done) => {
          this.release = done;
        });
      });
    } catch {
      // Given up while waiting, or taken by another page.
      if (!turn.held) return;
      this.release = null;
      this.on.lost();
      this.wait();
    }
  }
}
