import type { Got } from '@/shared/api/types';
import type { Cause, Dialog, Link } from './machine';

export type Credentials = Got<'/api/phone'>;

/** What SIP tells. Times are added by who listens. */
export type SipEvent =
  | { readonly type: 'link'; readonly link: Link }
  /** The server takes the registration no more: other credentials are needed. */
  | { readonly type: 'unregistered' }
  | { readonly type: 'incoming'; readonly id: string; readonly name: string; readonly number: string; readonly contact: string | null; readonly wanted: boolean }
  | { readonly type: 'rings' | 'heldDone' | 'resumedDone' | 'refused' | 'transferFailed'; readonly id: string }
  | { readonly type: 'accepted'; readonly id: string; readonly dialog: Dialog | null }
  | { readonly type: 'ended'; readonly id: string; readonly cause: Cause }
  | { readonly type: 'track'; readonly id: string; readonly stream: MediaStream };

export type SipListener = (event: SipEvent) => void;

/** A SIP phone over WebSocket, as the desk uses it. */
export interface SipPort {
  /** `instance`: a UUID that stays over reloads, so that the new registration takes the place of the old one (RFC 5626). */
  start(keys: Credentials, instance: string): void;
  renew(keys: Credentials): void;
  register(): void;
  retire(): void;
  stop(): void;
  call(id: string, number: string, stream: MediaStream, replaces: Dialog | null): void;
  answer(id: string, stream: MediaStream): void;
  hangUp(id: string, busy: boolean): void;
  hold(id: string): void;
  resume(id: string): void;
  mute(on: boolean): void;
  digits(id: string, digits: string): void;
  refer(id: string, number: string): void;
  join(id: string, other: string): void;
  connection(id: string): RTCPeerConnection | null;
}
