import { Button } from '@mantine/core';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { api, call } from '@/shared/api/http';
import { useWatch } from '@/shared/live/live';
import { errorText } from '@/shared/i18n/errors';
import classes from './notices.module.css';

/** What supervisors have told and this person has not confirmed, one at a time, urgent ones first, until it is read. */
export function NoticeBanner() {
  const { t } = useTranslation('work');
  const format = useFormat();
  const client = useQueryClient();
  const [wrong, setWrong] = useState('');
  useWatch('notices');
  const { data } = useQuery({
    queryKey: ['notices', 'unread'],
    queryFn: ({ signal }) => call(api.GET('/api/notices', { signal })),
  });
  const notices = (data ?? []).filter((one) => one.text !== '');
  const [first] = notices;
  if (first === undefined) return null;
  const confirm = async () => {
    try {
      await call(api.POST('/api/notices/{notice_id}/read', { params: { path: { notice_id: first.id } } }));
      setWrong('');
      await client.invalidateQueries({ queryKey: ['notices', 'unread'] });
    } catch (error) {
      setWrong(errorText(error));
    }
  };
  return (
    <div className={classes.banner} data-urgent={first.urgent} role={first.urgent ? 'alert' : 'status'}>
      <IconSpeakerphone size={18} aria-hidden />
      <p className={classes.text}>{first.text}</p>
      <span className={classes.facts}>
        {format.time(first.at)}
        {notices.length > 1 && ` · ${t('notice.more', { count: notices.length - 1 })}`}
      </span>
      {wrong !== '' && <span className={classes.wrong}>{wrong}</span>}
      <Button size="xs" variant="default" onClick={() => void confirm()}>
        {t('notice.read')}
      </Button>
    </div>
  );
}
