import { Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import type { Got } from '@/shared/api/types';
import { ApiError } from '@/shared/api/problem';
import { toast } from '@/shared/feedback/toasts';
import { errorText, fieldText } from '@/shared/i18n/errors';

type Choices = Got<'/api/work/choices'>;
type Channel = Choices['off'][number];

const KEY = ['work', 'choices'] as const;
const CHANNELS: readonly Channel[] = ['voice', 'video', 'chat', 'message', 'mail'];
const PHONES: readonly Choices['rings_on'][] = ['all', 'browser', 'phone'];

/** Which channels this person takes, and which of their phones rings: theirs to say, within what the supervisor allows. */
export function ChoiceItems() {
  const { t } = useTranslation('work');
  const { data } = useQuery({ queryKey: KEY, queryFn: ({ signal }) => call(api.GET('/api/work/choices', { signal })) });
  const choose = useChoose();
  if (data === undefined) return null;
  const channels = CHANNELS.filter((one) => data.capacity[one] !== undefined);
  const taken = channels.filter((one) => !data.off.includes(one));
  const toggle = (one: Channel) => choose({ ...data, off: taken.includes(one) ? [...data.off, one] : data.off.filter((other) => other !== one) });
  return (
    <>
      {channels.length > 1 && (
        <div role="group" aria-label={t('choices.channels')}>
          <Menu.Divider />
          <Menu.Label>{t('choices.channels')}</Menu.Label>
          {channels.map((one) => (
            <Menu.CheckboxItem key={one} checked={taken.includes(one)} disabled={taken.length === 1 && taken[0] === one} onChange={() => toggle(one)}>
              {t(`choices.channel.${one}`)}
            </Menu.CheckboxItem>
          ))}
        </div>
      )}
      <div role="group" aria-label={t('choices.phone')}>
        <Menu.Divider />
        <Menu.Label>{t('choices.phone')}</Menu.Label>
        {PHONES.map((one) => (
          <Menu.RadioItem key={one} value={one} checked={data.rings_on === one} onChange={() => choose({ ...data, rings_on: one })}>
            {t(`choices.rings.${one}`)}
          </Menu.RadioItem>
        ))}
      </div>
    </>
  );
}

/** Shown at once; taken back when the server does not agree. */
function useChoose(): (next: Choices) => void {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationKey: KEY,
    scope: { id: 'work-choices' }, // one after the other: the last choice is the one that holds
    mutationFn: ({ off, rings_on }: Choices) => call(api.PUT('/api/work/choices', { body: { off, rings_on } })),
    onMutate: (next) => {
      const before = client.getQueryData<Choices>(KEY);
      client.setQueryData(KEY, next);
      return { before };
    },
    onSuccess: (saved) => {
      if (client.isMutating({ mutationKey: KEY }) === 1) client.setQueryData(KEY, saved);
    },
    onError: (error, _next, context) => {
      client.setQueryData(KEY, context?.before);
      const [first] = error instanceof ApiError ? error.fields : [];
      toast.error(first === undefined ? errorText(error) : fieldText(first));
    },
  });
  return mutate;
}
