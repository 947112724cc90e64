import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { IconDialpad } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { phone } from './phone';
import classes from './phone.module.css';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

export function Digits({ press }: { readonly press: (digit: string) => void }) {
  return (
    <div className={classes.digits}>
      {DIGITS.map((digit) => (
        <button key={digit} type="button" className={classes.digit} onClick={() => press(digit)}>
          {digit}
        </button>
      ))}
    </div>
  );
}

/** Sends digits into the call (RFC 4733); the keyboard's own digits work while it is open. */
export function KeypadButton({ id }: { readonly id: string }) {
  const { t } = useTranslation('phone');
  const [sent, setSent] = useState('');
  const [opened, setOpened] = useState(false);
  const press = (digit: string) => {
    setSent((before) => (before + digit).slice(-16));
    phone.feed({ type: 'digits', id, digits: digit });
  };
  return (
    <Popover position="top" trapFocus returnFocus opened={opened} onChange={setOpened} onClose={() => setSent('')} withinPortal>
      <Popover.Target>
        <Tooltip label={t('keypad')} disabled={opened}>
          <ActionIcon variant="default" size={34} aria-label={t('keypad')} onClick={() => setOpened((now) => !now)}>
            <IconDialpad size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('keypad')}>
        {/* The pad catches what is typed; its buttons are the accessible way. */}
        {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
        <div
          onKeyDown={(event) => {
            if (/^[\d*#]$/.test(event.key)) press(event.key);
          }}
        >
          <output className={classes.sent}>{sent || ' '}</output>
          <Digits press={press} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
