import { take, isRecord, type Board } from './feed';
import { initialLink, stepLink, type LinkEffect, type LinkInput, type LinkState } from './link';

const TICK_MS = 500;

export interface BoardState {
  readonly link: LinkState;
  readonly board: Board | null;
}

/** Performs what link and feed decide: one WebSocket, one timer. */
export class BoardConnection {
  private state: BoardState = { link: initialLink, board: null };
  private socket: WebSocket | null = null;
  private timer: number | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly onSessionEnded: () => void,
    private readonly onTime: (moment: string) => void,
  ) {}

  readonly get = (): BoardState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.timer ??= window.setInterval(() => this.step({ type: 'tick', jitter: Math.random() }), TICK_MS);
    window.addEventListener('online', this.retry);
    this.step({ type: 'start' });
  }

  stop(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    this.timer = null;
    window.removeEventListener('online', this.retry);
    this.step({ type: 'stop' });
  }

  readonly retry = (): void => this.step({ type: 'network' });

  private step(input: LinkInput): void {
    const [link, effects] = stepLink(this.state.link, input, performance.now());
    this.set({ ...this.state, link });
    for (const effect of effects) this.perform(effect);
  }

  private set(next: BoardState): void {
    if (next.link === this.state.link && next.board === this.state.board) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }

  private perform(effect: LinkEffect): void {
    if (effect === 'connect') this.connect();
    else if (effect === 'disconnect') this.release();
    else this.onSessionEnded();
  }

  private connect(): void {
    this.release();
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener('open', () => {
      if (this.socket === socket) this.step({ type: 'opened' });
    });
    socket.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (this.socket === socket && typeof message.data === 'string') this.hear(message.data);
    });
    socket.addEventListener('close', (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.step({ type: 'closed', code: event.code, jitter: Math.random() });
    });
  }

  private hear(data: string): void {
    const message = parse(data);
    if (!isRecord(message)) return;
    const seconds = message.heartbeat_seconds;
    this.step(typeof seconds === 'number' ? { type: 'heard', heartbeatMs: seconds * 1000 } : { type: 'heard' });
    if (message.type === 'ping' && this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: 'pong' }));
    if (typeof message.at === 'string') this.onTime(message.at);
    const taken = take(this.state.board, message);
    if (taken === 'gap') this.step({ type: 'reset' });
    else if (taken !== null) this.set({ ...this.state, board: taken });
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
