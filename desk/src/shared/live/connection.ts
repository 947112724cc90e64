import { initialLiveState, step, type LiveEffect, type LiveInput, type LiveState } from './machine';

const TICK_MS = 250;

/** Performs what the machine decides: one WebSocket, one timer, listeners of the page. */
export class LiveConnection {
  private state: LiveState = initialLiveState;
  private socket: WebSocket | null = null;
  private timer: number | null = null;
  private readonly stateListeners = new Set<() => void>();
  private readonly changeListeners = new Set<(topic: string, id: string | null) => void>();

  constructor(
    private readonly url: () => string,
    private readonly onSessionEnded: () => void,
  ) {}

  readonly get = (): LiveState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  onChange(listener: (topic: string, id: string | null) => void): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  start(): void {
    this.timer ??= window.setInterval(() => this.feed({ type: 'tick', jitter: Math.random() }), TICK_MS);
    window.addEventListener('online', this.retry);
    this.feed({ type: 'start' });
  }

  stop(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    this.timer = null;
    window.removeEventListener('online', this.retry);
    this.feed({ type: 'stop' });
  }

  /** Try again now: the network is back, or somebody asked for it. */
  readonly retry = (): void => this.feed({ type: 'network' });

  watch(topic: string): () => void {
    this.feed({ type: 'watch', topic });
    return () => this.feed({ type: 'unwatch', topic });
  }

  private feed(input: LiveInput): void {
    const [next, effects] = step(this.state, input, performance.now());
    const changed = next !== this.state;
    this.state = next;
    for (const effect of effects) this.perform(effect);
    if (changed) for (const listener of this.stateListeners) listener();
  }

  private perform(effect: LiveEffect): void {
    switch (effect.type) {
      case 'connect':
        this.connect();
        return;
      case 'disconnect':
        this.release();
        return;
      case 'send':
        if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(effect.message));
        return;
      case 'session-ended':
        this.onSessionEnded();
        return;
      case 'changed':
        for (const listener of this.changeListeners) listener(effect.topic, effect.id);
    }
  }

  private connect(): void {
    this.release();
    const socket = new WebSocket(this.url());
    this.socket = socket;
    socket.addEventListener('open', () => this.feed({ type: 'opened' }));
    socket.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (typeof message.data === 'string') this.feed({ type: 'message', message: parse(message.data), jitter: Math.random() });
    });
    socket.addEventListener('close', (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.feed({ type: 'closed', code: event.code, jitter: Math.random() });
    });
  }

  private release(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return null;
  }
}
