import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './selftest.module.css';

export function Question({ question, answer }: { readonly question: string; readonly answer: (yes: boolean) => void }) {
  const { t } = useTranslation('selftest');
  return (
    <fieldset className={classes.question}>
      <legend>{question}</legend>
      <Button size="xs" onClick={() => answer(true)}>
        {t('yes')}
      </Button>
      <Button size="xs" variant="default" onClick={() => answer(false)}>
        {t('no')}
      </Button>
    </fieldset>
  );
}
