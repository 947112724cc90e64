import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { SwitchField, TextField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { useForm } from '@/shared/form/use-form';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import drawer from '@/shared/ui/drawer.module.css';
import { ObjectHistory } from '@/shared/ui/history';
import { toBody, toValues, type Effect, type Rule, type RuleValues } from './recordings';
import classes from './recordings.module.css';

/** What the next night would delete by these rules; undefined while they are no numbers. */
function foresee(project_id: string, values: RuleValues, signal?: AbortSignal): Promise<Effect> {
  const { recording_months, personal_months, quota_mb, oldest_first } = toBody(values);
  const query = { oldest_first, ...(recording_months === null ? {} : { recording_months }), ...(personal_months === null ? {} : { personal_months }), ...(quota_mb === null ? {} : { quota_mb }) };
  return call(api.GET('/api/interactions/retention/{project_id}/effect', { params: { path: { project_id }, query }, ...(signal === undefined ? {} : { signal }) }));
}

export function KeepingForm({ rule, close }: { readonly rule: Rule; readonly close: () => void }) {
  const { t } = useTranslation(['recordings', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const said = useSaid();
  const id = rule.project_id;
  const form = useForm<RuleValues>({
    name: `retention.${id}`,
    initial: toValues(rule),
    version: rule.version,
    readOnly: !can('interactions.write'),
    agree: async (_change, all) => {
      const effect = await foresee(id, all).catch((error: unknown) => {
        // What is no number is refused beside its field when it is saved.
        if (error instanceof ApiError && error.status === 422) return null;
        throw error;
      });
      if (effect === null || (effect.recordings === 0 && effect.contacts === 0)) return true;
      return confirm({ title: t('effect.title'), text: `${said(effect).join(' ')} ${t('effect.night')}`, confirm: t('effect.agree'), danger: true });
    },
    save: async (_change, all, version) => {
      const saved = await call(
        api.PUT('/api/interactions/retention/{project_id}', { params: { path: { project_id: id }, header: ifMatch(version ?? 1) }, body: toBody(all) }),
      );
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Rule;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: () => {
      void client.invalidateQueries({ queryKey: ['retention'] });
      toast.done(t('common:saved'));
      close();
    },
  });
  const labels = {
    record_calls: t('form.record'),
    recording_months: t('form.recordings'),
    personal_months: t('form.personal'),
    quota_mb: t('form.quota'),
    oldest_first: t('form.oldest'),
  };
  const describe = (field: keyof RuleValues, value: unknown) => (typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value === '' ? t('forever') : `${String(value)}${field === 'quota_mb' ? ' GB' : ''}`);
  return (
    <>
      <Form form={form} labels={labels} describe={describe}>
        <div className={drawer.fields}>
          <SwitchField form={form} name="record_calls" label={labels.record_calls} description={t('form.recordHint')} />
          <TextField form={form} name="recording_months" label={labels.recording_months} description={t('form.recordingsHint')} placeholder={t('forever')} focusFirst />
          <TextField form={form} name="personal_months" label={labels.personal_months} description={t('form.personalHint')} placeholder={t('forever')} />
          <TextField form={form} name="quota_mb" label={labels.quota_mb} description={t('form.quotaHint')} placeholder={t('form.noQuota')} />
          <SwitchField form={form} name="oldest_first" label={labels.oldest_first} description={t('form.oldestHint')} />
          <Foreseen id={id} values={form.values} />
        </div>
      </Form>
      <ObjectHistory id={id} />
    </>
  );
}

/** While it is typed: what these rules would do tonight. */
function Foreseen({ id, values }: { readonly id: string; readonly values: RuleValues }) {
  const { t } = useTranslation('recordings');
  const said = useSaid();
  const asked = toBody(values);
  const numbers = [asked.recording_months, asked.personal_months, asked.quota_mb].every((one) => one === null || typeof one === 'number');
  const query = useQuery({
    queryKey: ['retention', 'effect', id, asked],
    queryFn: ({ signal }) => foresee(id, values, signal),
    enabled: numbers,
    retry: false,
    placeholderData: (before) => before,
  });
  return (
    <div className={classes.effect} role="status">
      {query.data === undefined || !numbers || query.isError ? <p>{t('effect.unknown')}</p> : said(query.data).map((line) => <p key={line}>{line}</p>)}
    </div>
  );
}

function useSaid(): (effect: Effect) => string[] {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  return ({ recordings, bytes, contacts, over_quota_bytes }) => {
    const lines: string[] = [];
    if (recordings > 0) lines.push(t('effect.recordings', { count: recordings, size: format.bytes(bytes) }));
    if (contacts > 0) lines.push(t('effect.contacts', { count: contacts }));
    if (over_quota_bytes > 0) lines.push(t('effect.over', { size: format.bytes(over_quota_bytes) }));
    return lines.length === 0 ? [t('effect.nothing')] : lines;
  };
}
