import { ActionIcon, Button, Popover, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowRight, IconPhoneOutgoing, IconTransfer } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import type { WorkContact } from './document';
import { keyOf, type Model } from './machine';
import { byName, toTarget, type Found } from './targets';
import { ask } from './verbs';
import { work } from './work';
import classes from './bar.module.css';

const FRESH_MS = 5_000; // who is free changes by the second

interface TransferProps {
  readonly model: Model;
  readonly contact: WorkContact;
}

export function TransferButton(props: TransferProps) {
  const { t } = useTranslation('work');
  const [opened, setOpened] = useState(false);
  useShortcut({ keys: 'alt+t', label: t('verb.transfer'), group: 'general', palette: true, run: () => setOpened(true) });
  return (
    <Popover position="top" width={360} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Tooltip label={`${t('verb.transfer')} (Alt+T)`} disabled={opened}>
          <ActionIcon variant="default" size={34} aria-label={t('verb.transfer')} aria-keyshortcuts="Alt+T" onClick={() => setOpened((now) => !now)}>
            <IconTransfer size={17} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('verb.transfer')}>
        <TransferForm {...props} close={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** A colleague, a queue or a number; what was found out so far goes along. */
function TransferForm({ model, contact, close }: TransferProps & { readonly close: () => void }) {
  const { t } = useTranslation('work');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<Found | null>(null);
  const [note, setNote] = useState('');
  const { data } = useQuery({ queryKey: ['work', 'targets'], queryFn: ({ signal }) => call(api.GET('/api/work/targets', { signal })), staleTime: FRESH_MS, refetchInterval: FRESH_MS });
  const found = chosen === null ? byName(data, text, contact.project_id) : [];
  const target = chosen ?? toTarget(text);
  const [consultKey, transferKey] = [keyOf(contact.id, 'consult'), keyOf(contact.id, 'transfer')];
  const refused = model.refused.get(consultKey) ?? model.refused.get(transferKey);
  const run = async (verb: 'consult' | 'transfer') => {
    if (target === null) return;
    const { kind, person_id, queue_id, number } = target;
    const to = { kind, person_id, queue_id, number };
    if (await work.run(verb === 'consult' ? consultKey : transferKey, () => ask[verb](contact.id, { ...to, note }))) close();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (target === null && found[0] !== undefined) setChosen(found[0]);
    else void run('consult');
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        data-autofocus
        label={t('transfer.to')}
        description={t('transfer.hint')}
        value={chosen?.name ?? text}
        autoComplete="off"
        onChange={(event) => {
          setChosen(null);
          setText(event.currentTarget.value);
        }}
      />
      {found.length > 0 && (
        <ul className={classes.targets} aria-label={t('transfer.found')}>
          {found.map((one) => (
            <li key={one.person_id ?? one.queue_id}>
              <button type="button" className={classes.target} onClick={() => setChosen(one)}>
                <span className={classes.lamp} data-state={one.state} aria-hidden />
                <span className={classes.targetName}>{one.name}</span>
                <span className={classes.facts}>{one.kind === 'queue' ? t('transfer.queue', { count: Number(one.state) }) : t(`colleague.${one.state as 'ready'}`)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Textarea label={t('transfer.note')} rows={2} maxLength={2000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      {refused !== undefined && (
        <p className={classes.wrong} role="alert">
          {refused}
        </p>
      )}
      <div className={classes.pair}>
        <Button type="submit" disabled={target === null && found.length === 0} loading={model.asked.has(consultKey)} leftSection={<IconPhoneOutgoing size={15} aria-hidden />}>
          {t('transfer.consult')}
        </Button>
        <Button variant="default" disabled={target === null} loading={model.asked.has(transferKey)} leftSection={<IconArrowRight size={15} aria-hidden />} onClick={() => void run('transfer')}>
          {t('transfer.blind')}
        </Button>
      </div>
    </form>
  );
}
