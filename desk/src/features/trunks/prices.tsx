import { Button, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useCan } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import classes from './trunks.module.css';
import type { Dialling } from './trunks';

/** The carrier's price list; with it, money can be capped. */
export function Prices({ dialling }: { readonly dialling: Dialling }) {
  const { t } = useTranslation('trunks');
  const can = useCan();
  const state = dialling.prices === 0 ? t('prices.none') : t('prices.there', { count: dialling.prices, currency: dialling.currency });
  return (
    <Section title={t('prices.title')} note={t('prices.note')}>
      <p className={ui.muted}>{state}</p>
      {can('dialling.write') && <Import currency={dialling.currency || 'EUR'} />}
    </Section>
  );
}

function Import({ currency: known }: { readonly currency: string }) {
  const { t } = useTranslation('trunks');
  const client = useQueryClient();
  const [currency, setCurrency] = useState(known);
  const [csv, setCsv] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await call(api.PUT('/api/dialling/prices', { body: { currency: currency.trim().toUpperCase(), csv } }));
      toast.done(t('prices.done'));
      setCsv('');
      await client.invalidateQueries({ queryKey: ['dialling'] });
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={classes.import} onSubmit={(event) => void submit(event)}>
      <div className={ui.grid}>
        <TextInput label={t('prices.currency')} maxLength={3} autoComplete="off" value={currency} onChange={(event) => setCurrency(event.currentTarget.value)} />
        <div className={ui.span}>
          <Textarea label={t('prices.csv')} rows={4} placeholder={'40;Romania;0.02\n7;Russia;0.05'} error={problem} value={csv} onChange={(event) => setCsv(event.currentTarget.value)} />
        </div>
      </div>
      <Button mt="sm" type="submit" variant="default" loading={busy} disabled={csv.trim() === ''}>
        {t('prices.replace')}
      </Button>
    </form>
  );
}
