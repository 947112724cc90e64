const MAX_LENGTH = 64; // characters; SIP users and numbers are shorter

/** What is dialled for what was typed or pasted: a number without its decoration, or a colleague's user. null: neither. */
export function toDial(typed: string): string | null {
  const text = typed.trim().replace(/^(tel|sip):/i, '').replace(/@.*$/, '');
  if (text === '' || text.length > MAX_LENGTH) return null;
  if (/^[\d\s().+/*#-]+$/u.test(text)) {
    const number = text.replace(/[^\d+*#]/g, '');
    return /^\+?[\d*#]+$/.test(number) ? number : null;
  }
  return /^[\w.-]+$/.test(text) ? text : null;
}

/** A client's number as the server masks it: who sees more asks for it there, with a trace. */
export const maskedNumber = (number: string): string => (number.length > 8 ? `${number.slice(0, 4)} ••• ${number.slice(-2)}` : number === '' ? '' : '•••');

const PLAIN_NUMBER = /^\+?\d{3,15}$/;

/** A person's own phone has a long user of hexadecimal digits; that tells nobody anything. */
export const shownNumber = (number: string): string => (PLAIN_NUMBER.test(number) || number.length <= 16 ? number : '');
