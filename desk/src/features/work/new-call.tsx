import { Button, NativeSelect, Popover, TextInput } from '@mantine/core';
import { IconPhoneOutgoing } from '@tabler/icons-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useProject, useSession } from '@/shared/session/session';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { toTarget } from './targets';
import { ask } from './verbs';
import { useWork, work } from './work';
import classes from './work.module.css';

const KEY = 'dial';

/** A call to a client in a project's name: the own phone rings first, and answers by itself. */
export function NewCall() {
  const { t } = useTranslation('work');
  const [opened, setOpened] = useState(false);
  useShortcut({ keys: 'alt+c', label: t('dial.open'), group: 'general', palette: true, run: () => setOpened(true) });
  return (
    <Popover position="bottom-start" width={280} trapFocus returnFocus opened={opened} onChange={setOpened} withinPortal>
      <Popover.Target>
        <Button size="xs" variant="default" fullWidth leftSection={<IconPhoneOutgoing size={15} aria-hidden />} aria-keyshortcuts="Alt+C" onClick={() => setOpened((now) => !now)}>
          {t('dial.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('dial.open')}>
        <Form close={() => setOpened(false)} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Form({ close }: { readonly close: () => void }) {
  const { t } = useTranslation('work');
  const { projects } = useSession();
  const chosen = useProject();
  const model = useWork();
  const [project, setProject] = useState(chosen ?? projects[0]?.id ?? '');
  const [number, setNumber] = useState('');
  const [wrong, setWrong] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const target = toTarget(number);
    setWrong(target === null);
    if (target === null) return;
    if (await work.run(KEY, () => ask.dial({ project_id: project, number: target.number, promise_id: null }))) close();
  };
  return (
    <form className={classes.promiseForm} onSubmit={(event) => void submit(event)}>
      <NativeSelect label={t('dial.project')} value={project} data={projects.map((one) => ({ value: one.id, label: one.name }))} onChange={(event) => setProject(event.currentTarget.value)} />
      <TextInput
        data-autofocus
        label={t('dial.number')}
        type="tel"
        autoComplete="off"
        value={number}
        error={wrong ? t('dial.wrong') : model.refused.get(KEY)}
        onChange={(event) => setNumber(event.currentTarget.value)}
      />
      <Button type="submit" loading={model.asked.has(KEY)}>
        {t('dial.call')}
      </Button>
    </form>
  );
}
