import { Button, Popover, TextInput } from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight, IconPhone, IconPhoneX } from '@tabler/icons-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { Party } from './call-strip';
import { Digits } from './keypad';
import { toDial } from './number';
import { phone, usePhone } from './phone';
import type { Past } from './saved';
import classes from './phone.module.css';

export function DialButton({ ready }: { readonly ready: boolean }) {
  const { t } = useTranslation('phone');
  const [opened, setOpened] = useState(false);
  useShortcut(ready ? { keys: 'alt+p', label: t('dial.open'), group: 'general', palette: true, run: () => setOpened(true) } : null);
  return (
    <Popover position="top-end" width={300} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconPhone size={15} aria-hidden />} disabled={!ready} onClick={() => setOpened((now) => !now)}>
          {t('dial.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('dial.open')}>
        <DialForm action={t('dial.call')} run={(number, name) => phone.feed({ type: 'dial', id: crypto.randomUUID(), number, name, at: Date.now() })} close={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

interface DialFormProps {
  readonly action: string;
  readonly run: (number: string, name: string) => void;
  readonly close: () => void;
}

/** A number, by keyboard, keypad or from what was called in this session. */
function DialForm({ action, run, close }: DialFormProps) {
  const { t } = useTranslation('phone');
  const { history } = usePhone();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const number = toDial(text);
    setWrong(number === null);
    if (number === null) return;
    close();
    run(number, '');
  };
  return (
    <form onSubmit={submit} className={classes.dialForm}>
      <TextInput
        data-autofocus
        label={t('dial.number')}
        placeholder={t('dial.example')}
        value={text}
        error={wrong ? t('dial.wrong') : undefined}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Digits press={(digit) => setText((before) => before + digit)} />
      <Button type="submit" fullWidth leftSection={<IconPhone size={15} aria-hidden />}>
        {action}
      </Button>
      <History
        rows={history}
        choose={(row) => {
          close();
          run(row.number, row.name);
        }}
      />
    </form>
  );
}

function History({ rows, choose }: { readonly rows: readonly Past[]; readonly choose: (row: Past) => void }) {
  const { t } = useTranslation('phone');
  const format = useFormat();
  if (rows.length === 0) return null;
  return (
    <ul className={classes.history} aria-label={t('history.title')}>
      {rows.filter((row) => row.number !== '').map((row) => {
        const way = row.missed ? 'missed' : row.direction;
        const Icon = { missed: IconPhoneX, in: IconArrowDownLeft, out: IconArrowUpRight }[way];
        return (
          <li key={row.id}>
            <button type="button" className={classes.past} data-way={way} onClick={() => choose(row)}>
              <Icon size={15} role="img" aria-label={t(`history.${way}`)} />
              <Party call={row} />
              <time dateTime={new Date(row.at).toISOString()}>{format.dateTime(new Date(row.at)).slice(-5)}</time>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
