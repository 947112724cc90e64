import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { Tag } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { DifferenceText } from './difference-text';
import { useEditor } from './editor-context';
import { toFlow, type FlowVersion, type FlowWhole } from './flows';
import { NumbersOfFlow } from './numbers';
import classes from './flows.module.css';

interface ReleasePanelProps {
  readonly whole: FlowWhole;
  readonly flush: () => Promise<number | null>;
}

const MANY = 200; // rows of one page, the most that the server gives

/** The numbers whose calls begin here, and the versions that they ran. */
export function ReleasePanel({ whole, flush }: ReleasePanelProps) {
  const { t } = useTranslation('flows');
  const versions = useQuery({
    queryKey: ['flows', 'versions', whole.id, whole.published],
    queryFn: ({ signal }) => call(api.GET('/api/flows/{flow_id}/versions', { params: { path: { flow_id: whole.id }, query: { page_size: MANY } }, signal })),
  });
  return (
    <div className={classes.stack}>
      <NumbersOfFlow whole={whole} />
      <section aria-label={t('release.draft')}>
        <h2 className={classes.panelTitle}>{t('release.draft')}</h2>
        <DifferenceText difference={whole.difference} />
      </section>
      <section aria-label={t('release.versions')}>
        <h2 className={classes.panelTitle}>{t('release.versions')}</h2>
        <Loaded query={versions} lines={4}>
          {(found) =>
            found.items.length === 0 ? (
              <p className={classes.hint}>{t('release.none')}</p>
            ) : (
              <ol className={classes.versions}>
                {found.items.map((one) => (
                  <Version key={one.id} version={one} whole={whole} flush={flush} />
                ))}
              </ol>
            )
          }
        </Loaded>
      </section>
    </div>
  );
}

function Version({ version, whole, flush }: ReleasePanelProps & { readonly version: FlowVersion }) {
  const { t } = useTranslation(['flows', 'common']);
  const { dispatch, readOnly } = useEditor();
  const client = useQueryClient();
  const format = useFormat();
  const guarded = async (run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const take = () =>
    guarded(async () => {
      const params = { path: { flow_id: whole.id, version_id: version.id } };
      const found = await call(api.GET('/api/flows/{flow_id}/versions/{version_id}', { params }));
      dispatch({ type: 'replace', flow: toFlow(found.definition) });
      toast.done(t('release.taken', { number: version.number }));
    });
  const rollBack = () =>
    guarded(async () => {
      const text = t('release.rollBackText', { number: version.number });
      if (!(await confirm({ title: t('release.rollBack'), text, confirm: t('release.rollBack'), danger: true }))) return;
      const params = { path: { flow_id: whole.id }, header: ifMatch((await flush()) ?? whole.version) };
      const fresh = await call(api.POST('/api/flows/{flow_id}/rollback', { params, body: { version_id: version.id, note: t('release.rollBackNote', { number: version.number }) } }));
      client.setQueryData(['flows', 'one', whole.id], fresh);
      void client.invalidateQueries({ queryKey: ['flows'] });
    });
  return (
    <li className={classes.version}>
      <p className={classes.versionHead}>
        <strong>{t('release.version', { number: version.number })}</strong>
        {version.current && <Tag tone="good">{t('release.current')}</Tag>}
        <span className={classes.hint}>
          <time dateTime={version.published_at}>{format.dateTime(version.published_at)}</time>
          {version.published_by_name !== '' && ` · ${version.published_by_name}`}
        </span>
      </p>
      {version.note !== '' && <p>{version.note}</p>}
      {version.number > 1 && <DifferenceText difference={version.difference} />}
      {!readOnly && (
        <div className={classes.buttons}>
          <Button variant="default" size="compact-xs" onClick={() => void take()}>
            {t('release.take')}
          </Button>
          {!version.current && (
            <Button variant="default" size="compact-xs" onClick={() => void rollBack()}>
              {t('release.rollBack')}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
