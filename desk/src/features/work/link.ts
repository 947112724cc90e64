import { api, call } from '@/shared/api/http';
import type { WorkDocument } from './document';

const PING_MS = 5_000; // the server takes the desk for gone after 15 s without one
const SILENCE_MS = 30_000; // nothing has changed for so long, or the connection is dead and nobody has told: ask
const ANSWER_MS = 5_000;
const RETRY_MS = { first: 300, longest: 5_000 } as const; // somebody may be in the middle of a call
const SESSION_ENDED = 4401;

export interface LinkEvents {
  readonly document: (document: WorkDocument) => void;
  readonly lost: () => void;
  readonly signedOut: () => void;
}

const isDocument = (value: unknown): value is WorkDocument => typeof value === 'object' && value !== null && 'contacts' in value && 'state' in value;

/** The WebSocket of the operator's work: gives the document on each change, and tells the server that the desk lives. */
export class WorkLink {
  private socket: WebSocket | null = null;
  private timer: number | null = null;
  private again: number | null = null;
  private pause: number = RETRY_MS.first;
  private heardAt = 0;
  private asking = false;

  constructor(private readonly on: LinkEvents) {}

  start(): void {
    this.connect();
    this.timer = window.setInterval(() => this.ping(), PING_MS);
    window.addEventListener('online', this.retry);
  }

  stop(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    if (this.again !== null) window.clearTimeout(this.again);
    this.timer = this.again = null;
    window.removeEventListener('online', this.retry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Tries at once: the network is back. */
  readonly retry = (): void => {
    if (this.again === null) return;
    window.clearTimeout(this.again);
    this.connect();
  };

  private connect(): void {
    this.again = null;
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${window.location.host}/api/work/live`);
    this.socket = socket;
    this.heardAt = performance.now();
    socket.addEventListener('open', () => this.ping());
    socket.addEventListener('message', (event) => this.hear(socket, event.data));
    socket.addEventListener('close', (event) => this.closed(socket, event.code));
  }

  private hear(socket: WebSocket, data: unknown): void {
    if (socket !== this.socket || typeof data !== 'string') return;
    this.heardAt = performance.now();
    this.pause = RETRY_MS.first;
    const message = JSON.parse(data) as unknown;
    if (isDocument(message)) this.on.document(message);
  }

  private ping(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({ type: 'ping' }));
    if (!this.asking && performance.now() - this.heardAt > SILENCE_MS) void this.ask(this.socket);
  }

  /** The server sends nothing while nothing changes; a network that is gone without a word sends nothing either. */
  private async ask(socket: WebSocket): Promise<void> {
    this.asking = true;
    try {
      this.on.document(await call(api.GET('/api/work', { signal: AbortSignal.timeout(ANSWER_MS) })));
      this.heardAt = performance.now();
    } catch {
      this.closed(socket, 0);
      socket.close();
    } finally {
      this.asking = false;
    }
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return;
    this.socket = null;
    this.on.lost();
    if (code === SESSION_ENDED) {
      this.on.signedOut();
      return;
    }
    this.again = window.setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(RETRY_MS.longest, this.pause * 2);
  }
}
