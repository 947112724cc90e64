import { Button, NumberInput, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ErrorView } from '@/shared/ui/error-view';
import { DEMO, type Mix } from './demo';
import classes from './demo.module.css';

const FIELDS = [
  { name: 'calls_per_hour', min: 0, max: 600, step: 10 },
  { name: 'talk_seconds', min: 5, max: 1800, step: 5 },
  { name: 'patience_seconds', min: 5, max: 1800, step: 5 },
] as const;
const BUSIER = 2;

type Stream = Required<NonNullable<Mix['streams']>[string]>;

/** How busy the crowd is. What is typed stays until it is saved, whatever the page hears meanwhile. */
export function MixForm({ saved, editable }: { readonly saved: Mix; readonly editable: boolean }) {
  const { t } = useTranslation(['demo', 'common']);
  const client = useQueryClient();
  const [typed, setTyped] = useState<Mix | null>(null);
  const save = useMutation({
    mutationFn: (body: Mix) => call(api.PUT('/api/demo', { body })),
    onSuccess: (now) => {
      client.setQueryData(DEMO, now);
      setTyped(null);
    },
  });
  const mix = typed ?? saved;
  const change = (code: string, part: Partial<Stream>) =>
    setTyped({ ...mix, streams: { ...mix.streams, [code]: { ...(mix.streams[code] as Stream), ...part } } });
  const scale = (factor: number) =>
    save.mutate({
      ...mix,
      streams: Object.fromEntries(
        Object.entries(mix.streams).map(([code, one]) => [code, { ...one, calls_per_hour: Math.min(600, Math.round(one.calls_per_hour * factor)) }]),
      ),
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(mix);
      }}
    >
      <div className={classes.streams}>
        {Object.entries(mix.streams).map(([code, one]) => (
          <fieldset key={code} className={classes.stream} disabled={!editable}>
            <legend>{t(`project.${code}`, { defaultValue: code })}</legend>
            {FIELDS.map(({ name, ...limits }) => (
              <NumberInput
                key={name}
                label={t(name)}
                value={one[name]}
                onChange={(value) => typeof value === 'number' && change(code, { [name]: value })}
                clampBehavior="blur"
                allowDecimal={false}
                {...limits}
              />
            ))}
          </fieldset>
        ))}
      </div>
      <div className={classes.buttons}>
        <Switch label={t('on')} checked={mix.on} disabled={!editable} onChange={(event) => save.mutate({ ...mix, on: event.currentTarget.checked })} />
        {editable && (
          <>
            <Button type="submit" disabled={typed === null} loading={save.isPending}>
              {t('common:save')}
            </Button>
            <Button variant="default" onClick={() => scale(BUSIER)}>
              {t('busier')}
            </Button>
            <Button variant="default" onClick={() => scale(1 / BUSIER)}>
              {t('calmer')}
            </Button>
          </>
        )}
      </div>
      {save.error !== null && <ErrorView error={save.error} />}
    </form>
  );
}
