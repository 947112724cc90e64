import { TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Posted } from '@/shared/api/types';
import ui from '@/shared/ui/ui.module.css';
import classes from './trunks.module.css';
import type { TrunkValues } from './trunks';

/** A number through the rules as they are typed, before anything is saved. */
export function NumberExample({ values }: { readonly values: TrunkValues }) {
  const { t } = useTranslation('trunks');
  const [number, setNumber] = useState('022 123 456');
  const { country, number_out, rules_out, number_in, rules_in } = values;
  const asked = useDeferredValue({ number: number.trim(), country, number_out, rules_out, number_in, rules_in });
  const { data, isError } = useQuery({
    queryKey: ['trunks', 'example', asked],
    queryFn: ({ signal }) => call(api.POST('/api/trunks/example', { body: asked as Posted<'/api/trunks/example'>, signal })),
    enabled: asked.number !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  const said = (value: string | null | undefined) => (isError ? '—' : (value ?? t('example.nothing')));
  return (
    <div className={`${ui.span ?? ''} ${classes.example ?? ''}`}>
      <TextInput label={t('example.number')} type="tel" autoComplete="off" value={number} onChange={(event) => setNumber(event.currentTarget.value)} />
      <dl className={ui.facts} aria-live="polite">
        <dt>{t('example.sent')}</dt>
        <dd>{data === undefined ? '…' : said(data.sent)}</dd>
        <dt>{t('example.read')}</dt>
        <dd>{data === undefined ? '…' : said(data.read)}</dd>
      </dl>
    </div>
  );
}
