import { Menu } from '@mantine/core';
import { IconChevronUp } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { isPutOff } from '@/shared/softphone/check';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { Elapsed } from '@/shared/ui/elapsed';
import { useBreaks } from './breaks';
import { useCheckedToday } from './checked';
import type { Model } from './machine';
import { work } from './work';
import classes from './bar.module.css';

const ChoiceItems = lazy(async () => ({ default: (await import('./choice-items')).ChoiceItems }));

/** Ready, a break with its reason, or off; with how long it has been so. What is refused is said beside it. */
export function StateMenu({ model }: { readonly model: Model }) {
  const { t } = useTranslation('work');
  const format = useFormat();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const breaks = useBreaks();
  const checked = useCheckedToday();
  const own = model.document?.state;
  const now = own?.state ?? 'away';
  const named = now === 'break' && own !== undefined && own.reason !== '';
  const word = named ? own.reason : t(`own.${now}`);
  const ready = () => {
    // Once a day, before the first call: the headset of yesterday may lie in another room.
    if (checked === false && own?.state === 'off' && !isPutOff()) void navigate({ to: '/selftest' });
    else void work.setState('ready');
  };
  useShortcut({ keys: 'alt+s', label: t('state.open'), group: 'general', palette: true, run: () => setOpened(true) });
  useShortcut(own !== undefined && own.state !== 'ready' ? { keys: 'alt+r', label: t('state.goReady'), group: 'general', palette: true, run: ready } : null);
  const refused = model.refused.get('state');
  const since = own?.since ?? null;
  return (
    <div className={classes.stateBox}>
      <Menu position="top-start" width={264} opened={opened} onChange={setOpened}>
        <Menu.Target>
          <button type="button" className={classes.state} data-state={now} aria-keyshortcuts="Alt+S">
            <span className="visually-hidden">{t('state.label')}</span>
            <span className={classes.lamp} data-state={now} aria-hidden />
            <span className={classes.stateWord}>{word}</span>
            {since !== null && <Elapsed since={Date.parse(since)} offset={model.clockOffset} />}
            <IconChevronUp size={14} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<span className={classes.lamp} data-state="ready" />} disabled={own?.state === 'ready'} onClick={ready}>
            {t('own.ready')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('state.breaks')}</Menu.Label>
          {breaks.map((one) => (
            <Menu.Item
              key={one.id}
              leftSection={<span className={classes.lamp} data-state="break" />}
              rightSection={<span className={classes.minutes}>{t('state.minutes', { count: one.planned_minutes })}</span>}
              onClick={() => void work.setState('break', one.id)}
            >
              {one.name}
            </Menu.Item>
          ))}
          {breaks.length === 0 && <p className={classes.nothing}>{t('state.noBreaks')}</p>}
          <Menu.Divider />
          <Menu.Item leftSection={<span className={classes.lamp} data-state="off" />} disabled={own?.state === 'off'} onClick={() => void work.setState('off')}>
            {t('own.off')}
          </Menu.Item>
          {opened && (
            <Suspense>
              <ChoiceItems />
            </Suspense>
          )}
        </Menu.Dropdown>
      </Menu>
      {own?.state === 'break' && own.until != null && <span className={classes.plan}>{t('state.until', { time: format.time(own.until) })}</span>}
      {own?.state === 'ready' && !own.present && <span className={classes.absent}>{t('state.absent')}</span>}
      {own?.state === 'paused' && (
        <p className={classes.trouble} role="alert">
          {t(`paused.${pausedFor(own.reason)}`)}
          <button type="button" className={classes.link} onClick={ready}>
            {t('state.goReady')}
          </button>
        </p>
      )}
      {refused !== undefined && (
        <p className={classes.trouble} role="alert">
          {refused}
          <button type="button" className={classes.link} onClick={() => work.read('state')}>
            {t('gotIt')}
          </button>
        </p>
      )}
    </div>
  );
}

const PAUSES = ['not_answering', 'unreachable', 'busy'] as const;
const pausedFor = (reason: string): (typeof PAUSES)[number] | 'other' => PAUSES.find((one) => one === reason) ?? 'other';
