/** Whether somebody has put the workplace check off for this day, in this tab. */
const KEY = 'centrala.check.later';

const today = (): string => new Date().toDateString();

export const putOff = (): void => sessionStorage.setItem(KEY, today());
export const isPutOff = (): boolean => sessionStorage.getItem(KEY) === today();
