import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { State } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { clockTime, toneOf, type CallDetails } from './calls';
import { Legs } from './legs';
import { SipTrace } from './sip-trace';

interface Numbers {
  readonly caller: string;
  readonly callee: string;
}

/** One call: what happened, how it sounded, and the messages behind it. */
export function CallPage() {
  const { t } = useTranslation(['calls', 'common']);
  const can = useCan();
  const id = useParams({ strict: false }).id ?? '';
  const query = useQuery({
    queryKey: ['calls', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/calls/{call_id}', { params: { path: { call_id: id } }, signal })),
  });
  const reveal = useMutation({
    mutationFn: () => call(api.POST('/api/calls/{call_id}/reveal', { params: { path: { call_id: id } } })),
    onError: (error) => void toast.error(errorText(error)),
  });
  const actions =
    can('calls.reveal') && reveal.data === undefined ? (
      <Button variant="default" leftSection={<IconEye size={16} aria-hidden />} loading={reveal.isPending} onClick={() => reveal.mutate()}>
        {t('reveal')}
      </Button>
    ) : undefined;
  return (
    <Page title={t('one')} crumb={<Link to="/calls">{t('title')}</Link>} actions={actions}>
      <Loaded query={query}>
        {(shown) => (
          <>
            <Facts shown={shown} numbers={reveal.data} />
            <Section title={t('legs')}>
              <Legs legs={shown.legs} numbers={reveal.data?.legs} />
            </Section>
            {can('trace.read') && <SipTrace id={id} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Facts({ shown, numbers }: { readonly shown: CallDetails; readonly numbers: Numbers | undefined }) {
  const { t } = useTranslation('calls');
  const format = useFormat();
  const moment = (at: string | null) => (at === null ? '—' : format.exact(at));
  return (
    <dl className={ui.facts}>
      <dt>{t('field.cause')}</dt>
      <dd>
        <State tone={toneOf(shown.cause)}>{shown.cause === null ? t('goesOn') : t(`cause.${shown.cause}`)}</State>
      </dd>
      <dt>{t('field.direction')}</dt>
      <dd>{t(`direction.${shown.direction}`)}</dd>
      <dt>{t('field.caller')}</dt>
      <dd>{(numbers?.caller ?? shown.caller.masked) || '—'}</dd>
      <dt>{t('field.callee')}</dt>
      <dd>{(numbers?.callee ?? shown.callee.masked) || '—'}</dd>
      <dt>{t('field.started')}</dt>
      <dd>{moment(shown.started_at)}</dd>
      <dt>{t('field.answered')}</dt>
      <dd>{moment(shown.answered_at)}</dd>
      <dt>{t('field.ended')}</dt>
      <dd>{moment(shown.ended_at)}</dd>
      <dt>{t('field.talk')}</dt>
      <dd>{shown.talk_seconds === null ? '—' : clockTime(shown.talk_seconds)}</dd>
      <dt>{t('field.hungUpBy')}</dt>
      <dd>{shown.hung_up_by === null ? '—' : t(`by.${shown.hung_up_by}`)}</dd>
      <dt>{t('field.codes')}</dt>
      <dd>{t('codes', { sip: shown.sip_status ?? '—', q850: shown.q850 ?? '—' })}</dd>
    </dl>
  );
}
