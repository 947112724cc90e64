import { ActionIcon, Button, NativeSelect, Popover, Textarea, Tooltip } from '@mantine/core';
import { IconAlertOctagon } from '@tabler/icons-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { WorkContact } from './document';
import { keyOf, type Model } from './machine';
import { ask } from './verbs';
import { work } from './work';
import classes from './bar.module.css';

const REASONS = ['abuse', 'threat', 'fraud', 'other'] as const;
const MAX_NOTE = 2000;

/** Abuse has a way out: the reason is kept, after which the operator may end the call; or the supervisors' queue takes it. */
export function EscalateButton({ model, contact }: { readonly model: Model; readonly contact: WorkContact }) {
  const { t } = useTranslation('work');
  const [opened, setOpened] = useState(false);
  const [reason, setReason] = useState<(typeof REASONS)[number]>('abuse');
  const [note, setNote] = useState('');
  const key = keyOf(contact.id, 'escalate');
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (await work.run(key, () => ask.escalate(contact.id, { reason, note, queue_id: null }))) setOpened(false);
  };
  return (
    <Popover position="top-end" width={300} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Tooltip label={t('verb.escalate')} disabled={opened}>
          <ActionIcon variant="default" size={34} aria-label={t('verb.escalate')} onClick={() => setOpened((now) => !now)}>
            <IconAlertOctagon size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('verb.escalate')}>
        <form className={classes.form} onSubmit={(event) => void submit(event)}>
          <NativeSelect
            data-autofocus
            label={t('escalate.reason')}
            data={REASONS.map((one) => ({ value: one, label: t(`escalate.${one}`) }))}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value as typeof reason)}
          />
          <Textarea label={t('escalate.note')} rows={2} maxLength={MAX_NOTE} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          <p className={classes.facts}>{t(contact.may_hang_up ? 'escalate.kept' : 'escalate.mayEnd')}</p>
          {model.refused.has(key) && (
            <p className={classes.wrong} role="alert">
              {model.refused.get(key)}
            </p>
          )}
          <Button type="submit" color="red" loading={model.asked.has(key)}>
            {t('escalate.do')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
