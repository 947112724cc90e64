import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useNames } from '@/shared/live/cards';
import { useWatch } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { State } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page, Panel, Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { toneOf, type Details } from './contacts';
import { Facts, Parties } from './facts';
import { NoteForm } from './note-form';
import { RecordingView } from './player';
import { Timeline } from './timeline';
import classes from './contacts.module.css';

/** One contact: who it was, what happened, what was said and what came of it. */
export function ContactPage() {
  const { t } = useTranslation(['contacts', 'common']);
  const id = useParams({ strict: false }).id ?? '';
  const can = useCan();
  useWatch('interactions');
  const query = useQuery({
    queryKey: ['interactions', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/interactions/{interaction_id}', { params: { path: { interaction_id: id } }, signal })),
  });
  const reveal = useMutation({
    mutationFn: () => call(api.POST('/api/interactions/{interaction_id}/reveal', { params: { path: { interaction_id: id } } })),
    onError: (error) => void toast.error(errorText(error)),
  });
  const hidden = can('interactions.reveal') && reveal.data === undefined && query.data !== undefined;
  return (
    <Page
      title={titleOf(query.data, reveal.data?.party_name) || t('one')}
      crumb={<Link to="/contacts">{t('title')}</Link>}
      beside={query.data !== undefined && <State tone={toneOf(query.data.result)}>{query.data.result === null ? t('goesOn') : t(`result.${query.data.result}`)}</State>}
      actions={
        hidden ? (
          <Button variant="default" leftSection={<IconEye size={16} aria-hidden />} loading={reveal.isPending} title={t('revealTrace')} onClick={() => reveal.mutate()}>
            {t('reveal')}
          </Button>
        ) : undefined
      }
    >
      <Loaded query={query} lines={12}>
        {(shown) => (
          <div className={ui.columns}>
            <div>
              {shown.audio.length > 0 && <Recordings shown={shown} />}
              <Section title={t('noteAndOutcome')}>
                <NoteForm key={shown.id} shown={shown} />
              </Section>
              <Section title={t('timeline')}>
                <Timeline shown={shown} revealed={reveal.data?.events} />
              </Section>
            </div>
            <div>
              <Panel title={t('facts')}>
                <Facts shown={shown} revealed={reveal.data} />
              </Panel>
              <Panel title={t('parties')}>
                <Parties shown={shown} revealed={reveal.data} />
              </Panel>
              <Behind shown={shown} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function titleOf(shown: Details | undefined, revealed: string | undefined): string {
  if (shown === undefined) return '';
  return [shown.customer_name, revealed, shown.party_name, shown.party.masked].find((one) => one != null && one !== '') ?? '';
}

function Recordings({ shown }: { readonly shown: Details }) {
  const { t } = useTranslation('contacts');
  return (
    <Section title={t('recordings')} note={t('player.trace')}>
      <div className={classes.recordings}>
        {shown.audio.map((recording, index) => (
          <RecordingView key={recording.id} recording={recording} first={index === 0} />
        ))}
      </div>
    </Section>
  );
}

/** The call behind the contact: legs, quality, SIP messages; for those who look into such things. */
function Behind({ shown }: { readonly shown: Details }) {
  const { t } = useTranslation('contacts');
  const can = useCan();
  const project = useNames('projects');
  if (shown.call_id === null || !can('calls.read')) return null;
  return (
    <Panel title={t('call')}>
      <p className={classes.soft}>{t('callText', { project: project(shown.project_id) })}</p>
      <Link to="/calls/$id" params={{ id: shown.call_id }}>
        {t('toCall')}
      </Link>
    </Panel>
  );
}
