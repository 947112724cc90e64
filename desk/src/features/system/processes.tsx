import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { State, type Tone } from '@/shared/ui/bits';
import ui from '@/shared/ui/ui.module.css';
import type { System } from './system-page';

type Process = System['processes'][number];

const TONES: Readonly<Record<Process['state'], Tone>> = {
  starting: 'warn',
  running: 'good',
  waiting: 'bad',
  stopping: 'warn',
  stopped: 'plain',
};

export function Processes({ data }: { readonly data: System['processes'] }) {
  const { t } = useTranslation(['system', 'common']);
  const format = useFormat();
  if (data.length === 0) return <p className={ui.muted}>{t('noProcesses')}</p>;
  return (
    <div className={ui.scrollX}>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('process')}</th>
            <th scope="col">{t('state')}</th>
            <th scope="col">{t('since')}</th>
            <th scope="col" className={ui.number}>
              {t('restarts')}
            </th>
            <th scope="col" className={ui.number}>
              {t('memory')}
            </th>
            <th scope="col" className={ui.number}>
              {t('pid')}
            </th>
          </tr>
        </thead>
        <tbody>
          {data.map((one) => (
            <tr key={one.name}>
              <td>{one.name}</td>
              <td>
                <State tone={TONES[one.state]}>{t(`processState.${one.state}`)}</State>
              </td>
              <td>
                <time dateTime={one.since}>{format.dateTime(one.since)}</time>
              </td>
              <td className={ui.number}>{format.number(one.restarts)}</td>
              <td className={ui.number}>{one.memory_bytes === null ? '—' : format.bytes(one.memory_bytes)}</td>
              <td className={ui.number}>{one.pid ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
