import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useWatch } from '@/shared/live/live';
import { useCan } from '@/shared/session/session';
import { Notice } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { ObjectHistory } from '@/shared/ui/history';
import { Page, Panel } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { HealthPanel, HealthState } from './health';
import { TrunkForm } from './trunk-form';
import classes from './trunks.module.css';
import type { Trunk } from './trunks';

type Loose = (key: string) => string;

export function TrunkPage() {
  const { t } = useTranslation(['trunks', 'common']);
  const { id } = useParams({ strict: false });
  if (id === 'new') {
    return (
      <Page title={t('new')} crumb={<Link to="/trunks">{t('title')}</Link>}>
        <div className={ui.narrow}>
          <TrunkForm trunk={null} />
        </div>
      </Page>
    );
  }
  return <ExistingTrunk key={id} id={id ?? ''} />;
}

function ExistingTrunk({ id }: { readonly id: string }) {
  const { t } = useTranslation(['trunks', 'common']);
  const can = useCan();
  useWatch('trunks');
  const query = useQuery({
    queryKey: ['trunks', 'one', id],
    queryFn: ({ signal }) => call(api.GET('/api/trunks/{trunk_id}', { params: { path: { trunk_id: id } }, signal })),
  });
  return (
    <Page
      title={query.data?.name ?? t('one')}
      crumb={<Link to="/trunks">{t('title')}</Link>}
      beside={query.data === undefined ? undefined : <HealthState health={query.data.health} />}
    >
      <Loaded query={query}>
        {(trunk) => (
          <div className={ui.columns}>
            <TrunkForm trunk={trunk} />
            <aside>
              <HealthPanel trunk={trunk} />
              {can('trunks.write') && <TestPanel trunk={trunk} />}
              <ObjectHistory id={id} />
            </aside>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

/** Shows what would go to the carrier. Nothing is sent. */
function TestPanel({ trunk }: { readonly trunk: Trunk }) {
  const { t } = useTranslation(['trunks', 'common']);
  const [open, setOpen] = useState(false);
  const test = useQuery({
    queryKey: ['trunks', 'test', trunk.id, trunk.version],
    queryFn: () => call(api.POST('/api/trunks/{trunk_id}/test', { params: { path: { trunk_id: trunk.id } } })),
    enabled: open,
  });
  return (
    <Panel title={t('test.title')}>
      <p className={ui.muted}>{t('test.text')}</p>
      <Button mt="sm" fullWidth variant="default" onClick={() => setOpen(true)}>
        {t('test.button')}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t('test.title')} size="lg" closeButtonProps={{ 'aria-label': t('common:close') }}>
        <Loaded query={test}>
          {(told) => (
            <>
              {told.problems.map((problem) => (
                <Notice key={problem} tone="warn">
                  {(t as unknown as Loose)(`problem.${problem}`)}
                </Notice>
              ))}
              {told.would_send.map((message) => (
                <div key={message.method}>
                  <h3 className={classes.method}>{message.method}</h3>
                  {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
                  <pre className={classes.message} tabIndex={0} aria-label={message.method} role="region">
                    {message.text}
                  </pre>
                </div>
              ))}
            </>
          )}
        </Loaded>
      </Modal>
    </Panel>
  );
}
