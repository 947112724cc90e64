import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconPhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useWatch } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { useSoftphone } from '@/shared/softphone/softphone';
import { State, Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import type { Autosave, Saving } from './autosave';
import { FlowEditor } from './editor';
import type { Finding } from './editor-context';
import { useFlowActions } from './flow-actions';
import { FlowNameDialog } from './name-dialog';
import type { FlowWhole } from './flows';
import { PublishDialog } from './publish-dialog';

export function FlowPage() {
  const { t } = useTranslation(['flows', 'common']);
  const { id = '' } = useParams({ strict: false });
  useWatch('flows');
  const query = useQuery({
    queryKey: ['flows', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/flows/{flow_id}', { params: { path: { flow_id: id } }, signal })),
  });
  if (query.data === undefined) {
    return (
      <Page title={t('one')} crumb={<Link to="/flows">{t('title')}</Link>}>
        <Loaded query={query}>{() => null}</Loaded>
      </Page>
    );
  }
  const whole = query.data;
  return (
    <FlowEditor
      key={id}
      whole={whole}
      frame={({ saving, findings, body }) => (
        <Page flush title={whole.name} crumb={<Link to="/flows">{t('title')}</Link>} beside={<Standing whole={whole} saving={saving} />} actions={<Actions whole={whole} saving={saving} findings={findings} />}>
          {body}
        </Page>
      )}
    />
  );
}

const TONES: Readonly<Record<Saving, 'good' | 'plain' | 'bad' | 'warn'>> = { saved: 'good', changed: 'plain', saving: 'plain', failed: 'bad', conflict: 'warn' };

function Standing({ whole, saving }: { readonly whole: FlowWhole; readonly saving: Autosave }) {
  const { t } = useTranslation('flows');
  return (
    <>
      {whole.archived_at !== null && <Tag>{t('archived')}</Tag>}
      <Tag tone={whole.published === null ? 'warn' : 'good'}>{whole.published === null ? t('neverPublished') : t('publishedAs', { number: whole.published })}</Tag>
      {whole.published !== null && whole.unpublished_changes && <Tag tone="accent">{t('draftAhead')}</Tag>}
      <span role="status">
        <State tone={TONES[saving.status]}>
          {t(`saving.${saving.status}`)}
          {saving.problem !== null && saving.status === 'failed' && ` ${saving.problem}`}
        </State>
      </span>
    </>
  );
}

interface ActionsProps {
  readonly whole: FlowWhole;
  readonly saving: Autosave;
  readonly findings: readonly Finding[];
}

function Actions({ whole, saving, findings }: ActionsProps) {
  const { t } = useTranslation('flows');
  const can = useCan();
  const [dialog, setDialog] = useState<'publish' | 'rename' | 'copy' | null>(null);
  const actions = useFlowActions(whole);
  const mayWrite = can('flows.write');
  const phone = useSoftphone();
  const close = () => setDialog(null);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="xs" rightSection={<IconChevronDown size={14} aria-hidden />}>
            {t('actions')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {mayWrite && whole.archived_at === null && <Menu.Item onClick={() => setDialog('rename')}>{t('rename')}</Menu.Item>}
          {mayWrite && <Menu.Item onClick={() => setDialog('copy')}>{t('copy')}</Menu.Item>}
          <Menu.Item onClick={actions.download}>{t('export')}</Menu.Item>
          {mayWrite && <Menu.Item onClick={() => void actions.toggleArchive(saving.flush)}>{t(whole.archived_at === null ? 'archive' : 'restore')}</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {mayWrite && whole.archived_at === null && phone.ready && (
        <Button variant="default" size="xs" disabled={phone.calls.length > 0} leftSection={<IconPhone size={14} aria-hidden />} onClick={() => void actions.testCall(saving.flush)}>
          {t('testCall')}
        </Button>
      )}
      {mayWrite && whole.archived_at === null && (
        <Button size="xs" disabled={!whole.unpublished_changes && saving.status === 'saved'} onClick={() => setDialog('publish')}>
          {t('publish.open')}
        </Button>
      )}
      {dialog === 'publish' && <PublishDialog whole={whole} findings={findings} flush={saving.flush} close={close} />}
      {dialog === 'rename' && <FlowNameDialog title={t('rename')} name={whole.name} save={(name) => actions.rename(name, saving.flush)} close={close} />}
      {dialog === 'copy' && <FlowNameDialog title={t('copy')} name={t('copyName', { name: whole.name })} save={actions.copy} close={close} />}
    </>
  );
}
