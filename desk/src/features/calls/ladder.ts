import type { Message } from './calls';

export interface Arrow {
  readonly message: Message;
  readonly from: number;
  readonly to: number;
}

export interface Ladder {
  /** Addresses of the lifelines from the left; `null` is Centrala. */
  readonly lifelines: readonly (string | null)[];
  readonly arrows: readonly Arrow[];
}

/** Who speaks first stands on the left, then Centrala, then all others in the order in which they appear. */
export function ladderOf(messages: readonly Message[]): Ladder {
  const [first, ...others] = [...new Set(messages.map((message) => message.remote))];
  const lifelines = first === undefined ? [null] : [first, null, ...others];
  const us = lifelines.indexOf(null);
  const arrows = messages.map((message) => {
    const them = lifelines.indexOf(message.remote);
    return message.direction === 'in' ? { message, from: them, to: us } : { message, from: us, to: them };
  });
  return { lifelines, arrows };
}

/** What stands on an arrow: the method, or the status with its words. */
export const labelOf = (message: Message): string =>
  message.status === null ? message.method || message.first_line : message.first_line.replace(/^SIP\/2\.0\s+/, '');
