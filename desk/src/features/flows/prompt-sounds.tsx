import { Button, FileButton } from '@mantine/core';
import { IconTrash, IconUpload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useListen } from './listen';
import { ListenButton } from './listen-button';
import type { Prompt } from './prompts';
import { FieldSet } from './field-set';
import classes from './flows.module.css';

interface PromptSoundsProps {
  readonly prompt: Prompt;
  readonly languages: readonly string[];
  readonly readOnly: boolean;
  /** Something is typed and not saved: a recording put now would make that a conflict. */
  readonly busy: boolean;
}

/** Recordings that are played instead of the text. */
export function PromptSounds({ prompt, languages, readOnly, busy }: PromptSoundsProps) {
  const { t } = useTranslation('flows');
  const format = useFormat();
  const client = useQueryClient();
  const { playing, listen } = useListen();
  const [working, setWorking] = useState(false);
  const change = async (request: () => Promise<Prompt>) => {
    setWorking(true);
    try {
      client.setQueryData(['prompts', 'one', prompt.id], await request());
      await client.invalidateQueries({ queryKey: ['prompts'] });
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setWorking(false);
    }
  };
  const upload = (language: string, file: File | null) => {
    if (file === null) return;
    const params = { path: { prompt_id: prompt.id }, query: { language, file_name: file.name.slice(-120) }, header: ifMatch(prompt.version) };
    // The body is the file itself; the generated type knows binary bodies as text only.
    const body = file as unknown as string;
    void change(() => call(api.PUT('/api/prompts/{prompt_id}/sound', { params, body, bodySerializer: (sent: unknown) => sent as Blob, headers: { 'Content-Type': 'audio/wav' } })));
  };
  const remove = (language: string) =>
    change(() => call(api.DELETE('/api/prompts/{prompt_id}/sound', { params: { path: { prompt_id: prompt.id }, query: { language }, header: ifMatch(prompt.version) } })));
  return (
    <FieldSet title={t('library.recordings')} note={t(busy && !readOnly ? 'library.saveFirst' : 'library.recordingsText')}>
      <ul className={classes.sounds}>
        {languages.map((language) => {
          const sound = prompt.sounds.find((one) => one.language === language);
          return (
            <li key={language} className={classes.numberRow}>
              <span>
                {format.language(language)}
                <span className={classes.hint}>{sound === undefined ? ` · ${t('library.noRecording')}` : ` · ${sound.file_name} · ${t('library.seconds', { seconds: format.number(Math.round(sound.seconds)) })}`}</span>
              </span>
              <span className={classes.buttons}>
                {sound !== undefined && <ListenButton language={language} playing={playing === language} onClick={() => listen([{ promptId: prompt.id, language }], language)} />}
                {!readOnly && (
                  <FileButton accept="audio/wav,.wav" disabled={busy || working} onChange={(file) => upload(language, file)}>
                    {(props) => (
                      <Button {...props} variant="default" size="compact-xs" disabled={busy || working} leftSection={<IconUpload size={12} aria-hidden />}>
                        {t('library.upload')}
                      </Button>
                    )}
                  </FileButton>
                )}
                {!readOnly && sound !== undefined && (
                  <Button variant="subtle" color="red" size="compact-xs" disabled={busy || working} leftSection={<IconTrash size={12} aria-hidden />} onClick={() => void remove(language)}>
                    {t('list.remove')}
                  </Button>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </FieldSet>
  );
}
