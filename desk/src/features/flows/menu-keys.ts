/** Keys of a telephone. */
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'] as const;

export const freeKey = (choices: readonly { readonly key: string }[]): string => KEYS.find((key) => !choices.some((one) => one.key === key)) ?? '#';

/** The exit of a choice goes along with its key. */
export const renamedKeys = (from: string, to: string): ReadonlyMap<string, string> => new Map([[`key:${from}`, `key:${to}`]]);
