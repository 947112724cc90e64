import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CardField } from './card-field';
import type { WorkContact } from './document';
import type { Model } from './machine';
import classes from './work.module.css';

/** A place for what a client says and nobody may keep: it stays in this field, and the recording has silence for it. */
export function CardPanel({ contact, model }: { readonly contact: WorkContact | null; readonly model: Model }) {
  const { t } = useTranslation('work');
  const [value, setValue] = useState('');
  return (
    <div className={classes.card}>
      <p className={classes.hint}>{t('card.hint')}</p>
      <CardField label={t('card.number')} value={value} contact={contact} recording={contact?.recording ?? 'off'} link={model.link} onChange={setValue} />
      <Button variant="default" size="xs" disabled={value === ''} onClick={() => setValue('')}>
        {t('card.clear')}
      </Button>
    </div>
  );
}
