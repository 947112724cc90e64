/** What the server answers when it refuses: RFC 9457 with a stable `code` that the desk translates. */
export interface FieldProblem {
  readonly field: string;
  readonly code: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: readonly FieldProblem[] = [],
    /** The whole problem document, for members such as `current`, `incident`, `people`. */
    readonly body: Readonly<Record<string, unknown>> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail || code);
  }

  get incident(): string | null {
    return typeof this.body.incident === 'string' ? this.body.incident : null;
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

function readField(value: unknown): FieldProblem[] {
  if (!isRecord(value)) return [];
  return [
    {
      field: text(value.field),
      code: text(value.code),
      params: isRecord(value.params) ? value.params : {},
      message: text(value.message),
    },
  ];
}

const FALLBACK_CODES: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'auth.required',
  403: 'auth.forbidden',
  404: 'not_found',
  412: 'version.stale',
  413: 'too_large',
  422: 'validation',
  428: 'version.required',
  429: 'auth.throttled',
  502: 'unavailable',
  503: 'unavailable',
  504: 'unavailable',
};

/** An answer that is not a problem document (a proxy's page, say) still becomes an error with a code. */
export function toApiError(status: number, body: unknown, retryAfter: string | null): ApiError {
  const document = isRecord(body) ? body : {};
  const code = text(document.code) || (FALLBACK_CODES[status] ?? (status >= 500 ? 'internal' : 'conflict'));
  const fields = Array.isArray(document.errors) ? document.errors.flatMap(readField) : [];
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError(
    status,
    code,
    text(document.detail) || text(document.title),
    fields,
    document,
    Number.isFinite(seconds) ? seconds : null,
  );
}
