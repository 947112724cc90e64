import { ActionIcon, Button, NativeSelect, Popover, Switch, Tooltip } from '@mantine/core';
import { IconHeadset } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listDevices, microphoneTrouble, type Device, type Devices } from '@/shared/softphone/devices';
import { LevelMeter } from './level-meter';
import { phone, usePhone } from './phone';
import classes from './phone.module.css';

export function DevicesButton() {
  const { t } = useTranslation('phone');
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="top-end" width={320} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Tooltip label={t('devices.open')} disabled={opened}>
          <ActionIcon variant="subtle" color="gray" size={34} aria-label={t('devices.open')} onClick={() => setOpened((now) => !now)}>
            <IconHeadset size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('devices.open')}>
        <DevicesPanel />
      </Popover.Dropdown>
    </Popover>
  );
}

const NONE: Devices = { microphones: [], speakers: [] };

/** The devices of now: also those that are plugged in while the panel is open, and named once a microphone is allowed. */
function useDevices(heard: boolean): Devices {
  const [devices, setDevices] = useState(NONE);
  useEffect(() => {
    const known: Partial<Navigator> = navigator;
    const media = known.mediaDevices;
    if (media === undefined) return undefined;
    let on = true;
    const look = () => void listDevices().then((found) => on && setDevices(found));
    look();
    media.addEventListener('devicechange', look);
    return () => {
      on = false;
      media.removeEventListener('devicechange', look);
    };
  }, [heard]);
  return devices;
}

function DevicesPanel() {
  const { t } = useTranslation('phone');
  const { choice } = usePhone();
  const [heard, setHeard] = useState(false);
  const { microphones, speakers } = useDevices(heard);
  const options = (devices: readonly Device[]) => [{ value: '', label: t('devices.default') }, ...devices.map((one) => ({ value: one.id, label: one.label }))];
  return (
    <div className={classes.dialForm}>
      <NativeSelect
        label={t('devices.microphone')}
        data={options(microphones)}
        value={choice.microphone}
        onChange={(event) => void phone.choose({ ...choice, microphone: event.currentTarget.value })}
      />
      <LevelMeter
        key={`${choice.microphone} ${choice.cleaned}`}
        onHeard={() => setHeard(true)}
        onTrouble={(error) => phone.feed({ type: 'trouble', trouble: microphoneTrouble(error) })}
      />
      <NativeSelect
        label={t('devices.speaker')}
        data={options(speakers)}
        value={choice.speaker}
        onChange={(event) => void phone.choose({ ...choice, speaker: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('devices.bell')}
        description={t('devices.bellHint')}
        data={options(speakers)}
        value={choice.bell}
        onChange={(event) => void phone.choose({ ...choice, bell: event.currentTarget.value })}
      />
      <Switch
        label={t('devices.cleaned')}
        checked={choice.cleaned}
        onChange={(event) => void phone.choose({ ...choice, cleaned: event.currentTarget.checked })}
      />
      <Notices />
    </div>
  );
}

function Notices() {
  const { t } = useTranslation('phone');
  const [state, setState] = useState(() => ('Notification' in window ? Notification.permission : 'denied'));
  if (state !== 'default') return null;
  return (
    <Button variant="default" onClick={() => void Notification.requestPermission().then(setState)}>
      {t('devices.notify')}
    </Button>
  );
}
