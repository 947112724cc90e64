import { Button, Switch, TextInput } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Tag } from '@/shared/ui/bits';
import { useEditor } from './editor-context';
import { Answers } from './sim-answers';
import { Transcript } from './sim-transcript';
import { NO_TRAIL, takeBack, trailOf, type Trail } from './simulation';
import { useRun, type Played, type Settings } from './simulate';
import classes from './flows.module.css';

const SETTINGS: Settings = { caller: '', at: null, realHours: false, aloud: false };

/** A call through the draft, step by step: nothing is rung, sent or recorded. */
export function Simulator({ showTrail }: { readonly showTrail: (trail: Trail) => void }) {
  const { t } = useTranslation('flows');
  const { flowId, flow } = useEditor();
  const [settings, setSettings] = useState(SETTINGS);
  const onPlayed = (played: Played | null) =>
    showTrail(played === null ? NO_TRAIL : trailOf(flow, played.out.path, played.out.ended == null ? (played.out.path.at(-1) ?? null) : null));
  const run = useRun(flowId, flow, settings, onPlayed);
  useEffect(() => () => showTrail(NO_TRAIL), [showTrail]);
  const { played } = run;
  if (played === null) return <Begin settings={settings} change={setSettings} busy={run.busy} begin={() => run.replay([])} />;
  return (
    <div className={classes.stack}>
      <div className={classes.buttons}>
        <Button variant="default" size="compact-sm" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={run.stop}>
          {t('sim.stop')}
        </Button>
        <Button variant="default" size="compact-sm" leftSection={<IconArrowBackUp size={14} aria-hidden />} onClick={() => run.replay(takeBack(played.events))}>
          {t('sim.back')}
        </Button>
        <Button variant="default" size="compact-sm" leftSection={<IconRefresh size={14} aria-hidden />} onClick={() => run.replay(played.events)}>
          {t('sim.again')}
        </Button>
      </div>
      <Switch label={t('sim.aloud')} checked={settings.aloud} onChange={(event) => setSettings({ ...settings, aloud: event.currentTarget.checked })} />
      <Transcript steps={played.out.steps} />
      {played.out.ended == null ? (
        <Answers key={played.events.length} played={played} feed={run.feed} />
      ) : (
        <p role="status">
          <Tag>{t('sim.ended')}</Tag> {t(`ended.${played.out.ended as 'flow'}`, { defaultValue: played.out.ended })}
        </p>
      )}
      <Variables values={played.out.variables} />
    </div>
  );
}

interface BeginProps {
  readonly settings: Settings;
  readonly change: (settings: Settings) => void;
  readonly busy: boolean;
  readonly begin: () => void;
}

function Begin({ settings, change, busy, begin }: BeginProps) {
  const { t } = useTranslation('flows');
  const { flow } = useEditor();
  const [moment, setMoment] = useState('');
  return (
    <form
      className={classes.stack}
      onSubmit={(event) => {
        event.preventDefault();
        begin();
      }}
    >
      <p className={classes.hint}>{t('sim.text')}</p>
      <TextInput label={t('sim.caller')} type="tel" autoComplete="off" placeholder="+373 22 123 456" maxLength={40} value={settings.caller} onChange={(event) => change({ ...settings, caller: event.currentTarget.value })} />
      <Switch label={t('sim.realHours')} description={t('sim.realHoursText')} checked={settings.realHours} onChange={(event) => change({ ...settings, realHours: event.currentTarget.checked })} />
      {settings.realHours && (
        <TextInput
          label={t('sim.moment')}
          description={t('sim.momentText')}
          type="datetime-local"
          value={moment}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setMoment(value);
            change({ ...settings, at: value === '' ? null : new Date(value).toISOString() });
          }}
        />
      )}
      <Switch label={t('sim.aloud')} checked={settings.aloud} onChange={(event) => change({ ...settings, aloud: event.currentTarget.checked })} />
      <Button type="submit" loading={busy} disabled={flow.start === null} leftSection={<IconPlayerPlay size={14} aria-hidden />}>
        {t('sim.begin')}
      </Button>
    </form>
  );
}

function Variables({ values }: { readonly values: Readonly<Record<string, unknown>> }) {
  const { t } = useTranslation('flows');
  const rows = Object.entries(values).filter(([, value]) => value !== null && value !== '');
  if (rows.length === 0) return null;
  return (
    <section aria-label={t('sim.variables')}>
      <h2 className={classes.panelTitle}>{t('sim.variables')}</h2>
      <dl className={classes.variables}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
