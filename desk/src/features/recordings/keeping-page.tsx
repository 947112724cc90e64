import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useNames } from '@/shared/live/cards';
import { useProject } from '@/shared/session/session';
import { useEdit } from '@/shared/table/use-edit';
import { Empty } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Page } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { KeepingForm } from './keeping-form';
import { Places } from './places';
import { fill, type Rule } from './recordings';
import classes from './recordings.module.css';

const NEARLY_FULL = 0.9; // of the quota

/** How long each project keeps recordings and personal data, and how much it has. */
export function KeepingPage() {
  const { t } = useTranslation(['recordings', 'common']);
  const edit = useEdit();
  const project = useProject();
  const name = useNames('projects');
  const query = useQuery({ queryKey: ['retention', 'list', project], queryFn: ({ signal }) => call(api.GET('/api/interactions/retention', { signal })) });
  const one = query.data?.find((row) => row.project_id === edit.id);
  return (
    <Page title={t('title')} beside={<Places />}>
      <p className={classes.hint}>{t('keeping.note')}</p>
      <Loaded query={query}>{(rows) => (rows.length === 0 ? <Empty title={t('keeping.none')} text={t('keeping.noneText')} /> : <Rules rows={rows} open={edit.open} />)}</Loaded>
      <Drawer opened={one !== undefined} onClose={edit.close} title={name(one?.project_id)} closeButtonProps={{ 'aria-label': t('common:close') }}>
        {one !== undefined && <KeepingForm key={one.project_id} rule={one} close={edit.close} />}
      </Drawer>
    </Page>
  );
}

function Rules({ rows, open }: { readonly rows: readonly Rule[]; readonly open: (id: string) => void }) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const name = useNames('projects');
  const months = (count: number | null) => (count === null ? t('forever') : t('months', { count }));
  const sorted = [...rows].sort((a, b) => format.compare(name(a.project_id), name(b.project_id)));
  const total = rows.reduce((sum, row) => sum + row.used_bytes, 0);
  return (
    <div className={ui.scrollX}>
      <table className={ui.plainTable}>
        <caption className="visually-hidden">{t('keeping.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('field.project')}</th>
            <th scope="col">{t('field.record')}</th>
            <th scope="col">{t('field.recordings')}</th>
            <th scope="col">{t('field.personal')}</th>
            <th scope="col" className={ui.number}>
              {t('field.stored')}
            </th>
            <th scope="col">{t('field.oldest')}</th>
            <th scope="col">{t('field.space')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.project_id}>
              <td>
                <button type="button" className={classes.rowButton} onClick={() => open(row.project_id)}>
                  {name(row.project_id) || '—'}
                </button>
              </td>
              <td>{row.record_calls ? t('yes') : t('no')}</td>
              <td>{months(row.recording_months)}</td>
              <td>{months(row.personal_months)}</td>
              <td className={ui.number}>{format.number(row.recordings)}</td>
              <td>{row.oldest_at === null ? '—' : format.date(row.oldest_at)}</td>
              <td>
                <Space row={row} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={6}>
              {t('keeping.total')}
            </th>
            <td>{format.bytes(total)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function Space({ row }: { readonly row: Rule }) {
  const { t } = useTranslation('recordings');
  const format = useFormat();
  const share = fill(row);
  if (share === null || row.quota_mb === null) return format.bytes(row.used_bytes);
  const tone = share > 1 ? 'bad' : share > NEARLY_FULL ? 'warn' : 'good';
  return (
    <span className={classes.meter}>
      <span>
        {t('space', { used: format.bytes(row.used_bytes), quota: format.bytes(row.quota_mb * 1_000_000) })}
        {share > 1 && ` · ${t('over')}`}
      </span>
      <span className={classes.track} data-tone={tone} aria-hidden>
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
    </span>
  );
}
