import { UA, WebSocketInterface } from 'jssip';
import type { DTMF_TRANSPORT } from 'jssip/lib/Constants';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRTCSessionEvent } from 'jssip/lib/UA';
import { endCause } from './causes';
import type { Dialog } from './machine';
import type { Credentials, SipListener, SipPort } from './port';

/** The one file that knows JsSIP. */

const RECONNECT_SECONDS = { first: 2, longest: 20 } as const;
const NO_ANSWER_SECONDS = 180; // the server decides how long a phone rings; this only ends what it forgot
const DIGIT_MS = { tone: 120, gap: 70 } as const;
// JsSIP declares an enumeration that it does not export; its value is this word.
const RTP_EVENTS = 'RFC2833' as unknown as DTMF_TRANSPORT;
const CONTACT_HEADER = 'X-Centrala-Contact';
const SUPERVISE_HEADER = 'X-Centrala-Supervise';
const BUSY_HERE = 486;
const DECLINED = 603;

/** What JsSIP keeps of a dialog; it has no public name for it. */
interface Inside {
  readonly _dialog: { readonly id: { readonly call_id: string; readonly local_tag: string; readonly remote_tag: string } } | null;
}

function dialogOf(session: RTCSession): Dialog | null {
  const dialog = (session as unknown as Inside)._dialog;
  return dialog === null ? null : { callId: dialog.id.call_id, localTag: dialog.id.local_tag, remoteTag: dialog.id.remote_tag };
}

/** RFC 3891 3: to-tag and from-tag as the side sees them that gets the INVITE. */
export const replacesHeader = (dialog: Dialog): string => `Replaces: ${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`;

/** The centre's own header names the contact that it rings for. JsSIP gives undefined for a header that is not there. */
const contactOf = (request: { getHeader: (name: string) => string | undefined }): string | null => request.getHeader(CONTACT_HEADER) ?? null;

/** Who supervises has asked for the call that lets them hear. */
const isWanted = (request: { getHeader: (name: string) => string | undefined }): boolean => request.getHeader(SUPERVISE_HEADER) !== undefined;

/** JsSIP gives no display name as undefined, whatever it declares. */
const shownName = (name: string | undefined): string => name ?? '';

export class SipPhone implements SipPort {
  private ua: UA | null = null;
  private host = '';
  private readonly sessions = new Map<string, RTCSession>();

  constructor(private readonly tell: SipListener) {}

  start(keys: Credentials, instance: string): void {
    this.host = keys.aor.slice(keys.aor.indexOf('@') + 1);
    const url = new URL(keys.ws_url, window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const ua = new UA({
      sockets: [new WebSocketInterface(url.href)],
      uri: keys.aor,
      authorization_user: keys.user,
      password: keys.password,
      realm: keys.realm,
      display_name: keys.display_name,
      register_expires: keys.register_seconds,
      instance_id: instance,
      no_answer_timeout: NO_ANSWER_SECONDS,
      connection_recovery_min_interval: RECONNECT_SECONDS.first,
      connection_recovery_max_interval: RECONNECT_SECONDS.longest,
      user_agent: 'Centrala desk',
    });
    this.ua = ua;
    ua.on('registered', () => this.tell({ type: 'link', link: 'ready' }));
    ua.on('unregistered', () => this.tell({ type: 'link', link: 'offline' }));
    ua.on('disconnected', () => this.tell({ type: 'link', link: 'offline' }));
    ua.on('registrationFailed', () => this.tell({ type: 'unregistered' }));
    ua.on('newRTCSession', (event: IncomingRTCSessionEvent) => {
      if ((event.originator as string) !== 'remote') return;
      this.know(event.session.id, event.session);
      const { display_name: name, uri } = event.session.remote_identity;
      const contact = contactOf(event.request);
      this.tell({ type: 'incoming', id: event.session.id, name: shownName(name), number: uri.user === 'anonymous' ? '' : uri.user, contact, wanted: isWanted(event.request) });
    });
    ua.start();
  }

  renew(keys: Credentials): void {
    // JsSIP prefers the plain password over the hash that it keeps of the last one.
    this.ua?.set('authorization_user', keys.user);
    this.ua?.set('password', keys.password);
  }

  register(): void {
    if (this.ua?.isConnected() === true) this.ua.register();
  }

  /** Calls no more; what is up stays until the server ends it, because another page takes its place. */
  retire(): void {
    if (this.ua?.isRegistered() === true) this.ua.unregister();
  }

  stop(): void {
    this.ua?.stop();
    this.ua = null;
    this.sessions.clear();
  }

  call(id: string, number: string, stream: MediaStream, replaces: Dialog | null): void {
    const user = encodeURIComponent(number).replaceAll('%2B', '+');
    const headers = replaces === null ? [] : [replacesHeader(replaces)];
    const session = this.ua?.call(`sip:${user}@${this.host}`, { mediaStream: stream, pcConfig: { iceServers: [] }, extraHeaders: headers });
    if (session === undefined) {
      this.tell({ type: 'ended', id, cause: 'connection' });
      return;
    }
    this.know(id, session);
    this.listen(id, session.connection);
  }

  answer(id: string, stream: MediaStream): void {
    this.sessions.get(id)?.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
  }

  hangUp(id: string, busy: boolean): void {
    const session = this.sessions.get(id);
    if (session === undefined || session.isEnded()) return;
    const incoming = (session.direction as string) === 'incoming' && !session.isEstablished();
    session.terminate(incoming ? { status_code: busy ? BUSY_HERE : DECLINED } : {});
  }

  hold(id: string): void {
    const begun = this.sessions.get(id)?.hold({}, () => this.tell({ type: 'heldDone', id }));
    if (begun !== true) this.tell({ type: 'refused', id });
  }

  resume(id: string): void {
    const begun = this.sessions.get(id)?.unhold({}, () => this.tell({ type: 'resumedDone', id }));
    if (begun !== true) this.tell({ type: 'refused', id });
  }

  mute(on: boolean): void {
    for (const session of this.sessions.values()) {
      if (on) session.mute({ audio: true });
      else session.unmute({ audio: true });
    }
  }

  digits(id: string, digits: string): void {
    this.sessions.get(id)?.sendDTMF(digits, { duration: DIGIT_MS.tone, interToneGap: DIGIT_MS.gap, transportType: RTP_EVENTS });
  }

  refer(id: string, number: string): void {
    const user = encodeURIComponent(number).replaceAll('%2B', '+');
    this.sessions.get(id)?.refer(`sip:${user}@${this.host}`, { eventHandlers: this.referEvents(id) });
  }

  join(id: string, other: string): void {
    const to = this.sessions.get(other);
    const dialog = to === undefined ? null : dialogOf(to);
    if (to === undefined || dialog === null) {
      this.tell({ type: 'transferFailed', id });
      return;
    }
    // JsSIP takes the tags of the first INVITE's sender and receiver; RFC 3891 wants ours as from-tag whoever called.
    const replaces = { _request: { call_id: dialog.callId }, _from_tag: dialog.localTag, _to_tag: dialog.remoteTag } as unknown as RTCSession;
    this.sessions.get(id)?.refer(`sip:${to.remote_identity.uri.user}@${this.host}`, { replaces, eventHandlers: this.referEvents(id) });
  }

  connection(id: string): RTCPeerConnection | null {
    const session = this.sessions.get(id);
    // Until it is answered a call has no connection, whatever JsSIP declares.
    const { connection }: { readonly connection?: RTCPeerConnection } = session ?? {};
    return session?.isEnded() === true ? null : (connection ?? null);
  }

  private referEvents(id: string): Record<string, () => void> {
    const failed = () => this.tell({ type: 'transferFailed', id });
    // RFC 3515 2.4.5: the other side has answered, so our part is over.
    return { requestFailed: failed, failed, accepted: () => this.hangUp(id, false) };
  }

  private know(id: string, session: RTCSession): void {
    this.sessions.set(id, session);
    session.on('peerconnection', (event) => this.listen(id, event.peerconnection));
    session.on('progress', () => this.tell({ type: 'rings', id }));
    session.on('accepted', () => this.tell({ type: 'accepted', id, dialog: dialogOf(session) }));
    session.on('ended', (event) => this.over(id, endCause(event.cause, event.message, true)));
    session.on('failed', (event) => this.over(id, endCause(event.cause, event.message, false)));
  }

  private over(id: string, cause: ReturnType<typeof endCause>): void {
    this.sessions.delete(id);
    this.tell({ type: 'ended', id, cause });
  }

  private listen(id: string, connection: RTCPeerConnection): void {
    connection.addEventListener('track', (event) => this.tell({ type: 'track', id, stream: event.streams[0] ?? new MediaStream([event.track]) }));
  }
}
