/** Beginnings of the trail's actions: what a person looks for. */
export const ACTION_GROUPS = ['sign_in', 'session', 'account', 'token', 'employee', 'team', 'skill', 'company', 'project', 'calendar', 'trunk', 'phone', 'dialling', 'audit'] as const;
