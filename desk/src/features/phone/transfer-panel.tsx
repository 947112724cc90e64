import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconPhoneOutgoing, IconTransfer } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Party } from './call-strip';
import type { Call } from './machine';
import { toDial } from './number';
import { phone } from './phone';
import classes from './phone.module.css';

interface TransferProps {
  readonly call: Call;
  readonly others: readonly Call[];
}

/** Hands a client over: at once, after a word with the colleague, or to somebody who is on hold. */
export function TransferButton({ call, others }: TransferProps) {
  const { t } = useTranslation('phone');
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="top" width={300} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Tooltip label={t('transfer.open')} disabled={opened}>
          <ActionIcon variant="default" size={34} aria-label={t('transfer.open')} disabled={call.pending !== null} onClick={() => setOpened((now) => !now)}>
            <IconTransfer size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('transfer.open')}>
        <TransferForm call={call} others={others} close={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function TransferForm({ call, others, close }: TransferProps & { readonly close: () => void }) {
  const { t } = useTranslation('phone');
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const run = (consult: boolean) => {
    const number = toDial(text);
    setWrong(number === null);
    if (number === null) return;
    close();
    if (consult) phone.feed({ type: 'dial', id: crypto.randomUUID(), number, consultFor: call.id, at: Date.now() });
    else phone.feed({ type: 'transfer', id: call.id, number });
  };
  const held = call.phase === 'talking' ? others.filter((one) => one.phase === 'held') : [];
  return (
    <form
      className={classes.dialForm}
      onSubmit={(event) => {
        event.preventDefault();
        run(true);
      }}
    >
      <TextInput
        data-autofocus
        label={t('transfer.to')}
        description={t('transfer.hint')}
        value={text}
        error={wrong ? t('dial.wrong') : undefined}
        autoComplete="off"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" leftSection={<IconPhoneOutgoing size={15} aria-hidden />}>
        {t('transfer.consult')}
      </Button>
      <Button variant="default" leftSection={<IconTransfer size={15} aria-hidden />} onClick={() => run(false)}>
        {t('transfer.blind')}
      </Button>
      {held.map((other) => (
        <Button
          key={other.id}
          variant="default"
          onClick={() => {
            close();
            phone.feed({ type: 'join', id: call.id, other: other.id });
          }}
        >
          <span className={classes.joinLabel}>
            {t('transfer.join')} <Party call={other} />
          </span>
        </Button>
      ))}
    </form>
  );
}
