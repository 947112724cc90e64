import { ActionIcon, Popover, Tooltip } from '@mantine/core';
import { IconDialpad } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { keyOf } from './machine';
import { ask } from './verbs';
import { work } from './work';
import classes from './bar.module.css';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
const SHOWN = 16; // digits

/** Presses keys in the other centre's menu; the keyboard's own digits work while it is open. */
export function KeypadButton({ contact }: { readonly contact: string }) {
  const { t } = useTranslation('work');
  const [sent, setSent] = useState('');
  const [opened, setOpened] = useState(false);
  useShortcut({ keys: 'alt+k', label: t('verb.keypad'), group: 'general', palette: true, run: () => setOpened(true) });
  const press = (digit: string) => {
    setSent((before) => (before + digit).slice(-SHOWN));
    // Each press is a wish of its own: a quick second one must not be taken for the first.
    void work.run(keyOf(contact, `digit.${crypto.randomUUID()}`), () => ask.digits(contact, digit));
  };
  return (
    <Popover position="top" trapFocus returnFocus opened={opened} onChange={setOpened} onClose={() => setSent('')} withinPortal>
      <Popover.Target>
        <Tooltip label={`${t('verb.keypad')} (Alt+K)`} disabled={opened}>
          <ActionIcon variant="default" size={34} aria-label={t('verb.keypad')} aria-keyshortcuts="Alt+K" onClick={() => setOpened((now) => !now)}>
            <IconDialpad size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('verb.keypad')}>
        {/* The pad catches what is typed; its buttons are the accessible way. */}
        {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
        <div
          onKeyDown={(event) => {
            if (/^[\d*#]$/.test(event.key)) press(event.key);
          }}
        >
          <output className={classes.sent}>{sent || ' '}</output>
          <div className={classes.digits}>
            {DIGITS.map((digit) => (
              <button key={digit} type="button" className={classes.digit} onClick={() => press(digit)}>
                {digit}
              </button>
            ))}
          </div>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
