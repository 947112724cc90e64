import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { plain } from '@/shared/form/plain';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Me } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { SelectField } from '@/shared/form/fields';
import { Form } from '@/shared/form/form';
import { useForm } from '@/shared/form/use-form';
import { timeZoneOptions } from '@/shared/i18n/choices';
import { LANGUAGES, LANGUAGE_NAMES, isLanguage, setLanguage } from '@/shared/i18n';
import { sessionStore, useSession } from '@/shared/session/session';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';

interface ProfileValues {
  language: Me['language'];
  theme: Me['theme'];
  time_zone: string;
}

const toValues = ({ language, theme, time_zone }: Me): ProfileValues => ({ language, theme, time_zone });

export function ProfileSection() {
  const { t } = useTranslation(['me', 'common']);
  const { person } = useSession();
  const form = useForm<ProfileValues>({
    name: 'me',
    initial: toValues(person),
    version: person.version,
    save: async (change, _all, version) => {
      const saved = await call(api.PATCH('/api/me', { params: { header: ifMatch(version ?? 0) }, body: change }));
      // The texts of the new language first, so that nothing flickers.
      if (isLanguage(saved.language)) await setLanguage(saved.language);
      sessionStore.updatePerson(saved);
      return { values: toValues(saved), version: saved.version };
    },
    read: (current) => {
      const fresh = current as unknown as Me;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: () => void toast.done(t('common:saved')),
  });
  const zones = useMemo(() => timeZoneOptions(person.time_zone), [person.time_zone]);
  const labels = { language: t('language'), theme: t('theme.label'), time_zone: t('timeZone') };
  const describe = (field: string, value: unknown): string => {
    if (field === 'theme') return t(`theme.${value as Me['theme']}`);
    return isLanguage(value) ? LANGUAGE_NAMES[value] : plain(value);
  };
  return (
    <Form form={form} labels={labels} describe={describe}>
      <Section title={`${person.given_name} ${person.family_name}`} note={t('profileNote', { login: person.login })}>
        <div className={ui.grid}>
          <SelectField form={form} name="language" label={labels.language} options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))} />
          <SelectField form={form} name="theme" label={labels.theme} options={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))} />
          <SelectField form={form} name="time_zone" label={labels.time_zone} options={zones} />
        </div>
      </Section>
    </Form>
  );
}
