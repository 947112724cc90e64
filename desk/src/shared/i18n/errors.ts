import i18next from 'i18next';
import { ApiError, type FieldProblem } from '@/shared/api/problem';

type Loose = (key: string, params: Record<string, unknown>) => string;

function translate(key: string, params: Readonly<Record<string, unknown>>): string | null {
  const full = `errors:${key}`;
  if (!i18next.exists(full)) return null;
  // The server's codes are open-ended, so this one call is not checked against the list of keys.
  return (i18next.t as unknown as Loose)(full, { ...params });
}

/** A sentence for a person: by code, else by kind of code, else the server's own words. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return i18next.t('errors:internal');
  const params = { ...error.body, seconds: error.retryAfterSeconds ?? 30 };
  return translate(error.code, params) ?? (error.detail || i18next.t('errors:internal'));
}

export function fieldText(problem: FieldProblem): string {
  return translate(problem.code, problem.params) ?? (problem.message || i18next.t('errors:field.wrong'));
}
