import { Button, Select, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { errorText, fieldText } from '@/shared/i18n/errors';
import { useFormat } from '@/shared/i18n/format';
import { useOptions } from '@/shared/live/cards';
import { State } from '@/shared/ui/bits';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import classes from './trunks.module.css';

type Answer = Awaited<ReturnType<typeof ask>>;
type Loose = (key: string, params?: Record<string, unknown>) => string;

const ask = (number: string, person_id: string | null, project_id: string | null) =>
  call(api.POST('/api/dialling/check', { body: { number, person_id, project_id } }));

/** May this person call this number, and by which trunk? */
export function Tester() {
  const { t } = useTranslation(['trunks', 'common']);
  const [number, setNumber] = useState('');
  const [person, setPerson] = useState<string | null>(null);
  const [project, setProject] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const people = useOptions('employees');
  const projects = useOptions('projects');
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      setAnswer(await ask(number, person, project));
    } catch (error) {
      const [field] = error instanceof ApiError ? error.fields : [];
      setProblem(field === undefined ? errorText(error) : fieldText(field));
      setAnswer(null);
    } finally {
      setBusy(false);
    }
  };
  const choice = { searchable: true, clearable: true, nothingFoundMessage: t('common:table.noOption'), limit: 100 } as const;
  const clear = (name: string) => ({ 'aria-label': t('common:table.clear', { name }) });
  return (
    <Section title={t('tester.title')} note={t('tester.note')}>
      <form className={classes.tester} onSubmit={(event) => void submit(event)}>
        <TextInput label={t('tester.number')} type="tel" autoComplete="off" error={problem} value={number} onChange={(event) => setNumber(event.currentTarget.value)} />
        <Select label={t('tester.person')} placeholder={t('tester.anybody')} data={people} {...choice} clearButtonProps={clear(t('tester.person'))} value={person} onChange={setPerson} />
        <Select label={t('tester.project')} placeholder={t('tester.anyProject')} data={projects} {...choice} clearButtonProps={clear(t('tester.project'))} value={project} onChange={setProject} />
        <Button type="submit" loading={busy} disabled={number.trim() === ''}>
          {t('tester.ask')}
        </Button>
      </form>
      <div className={classes.answer} aria-live="polite">
        {answer !== null && <Verdict answer={answer} />}
      </div>
    </Section>
  );
}

function Verdict({ answer }: { readonly answer: Answer }) {
  const { t } = useTranslation('trunks');
  const { t: errors } = useTranslation('errors');
  const format = useFormat();
  const why = answer.why === null ? '' : (errors as unknown as Loose)(answer.why, { cap: answer.cap ?? '', country: answer.country === '' ? '' : format.country(answer.country) });
  const scopes = answer.rules.length === 0 ? t('tester.noRules') : format.list(answer.rules.map((scope) => t(`scope.${scope}`)));
  return (
    <>
      <p>
        <State tone={answer.allowed ? 'good' : 'bad'}>{answer.allowed ? t('tester.allowed') : why}</State>
      </p>
      <dl className={ui.facts}>
        <dt>{t('tester.understood')}</dt>
        <dd>
          {answer.number} · {t(`numberKind.${answer.kind}`)}
          {answer.country !== '' && ` · ${format.country(answer.country)}`}
        </dd>
        <dt>{t('tester.rules')}</dt>
        <dd>{scopes}</dd>
        <dt>{t('tester.used')}</dt>
        <dd>{t('tester.usedValue', { calls: format.number(answer.used.calls), minutes: format.number(Math.ceil(answer.used.seconds / 60)) })}</dd>
        {answer.longest_seconds !== null && (
          <>
            <dt>{t('tester.longest')}</dt>
            <dd>{t('tester.minutes', { minutes: format.number(Math.floor(answer.longest_seconds / 60)) })}</dd>
          </>
        )}
        <dt>{t('tester.trunks')}</dt>
        <dd>
          {answer.trunks.length === 0 && t('tester.noTrunk')}
          <ol>
            {answer.trunks.map((trunk) => (
              <li key={trunk.id}>{t('tester.by', { name: trunk.name, sent: trunk.sent, shown: trunk.shown === '' ? '—' : trunk.shown })}</li>
            ))}
          </ol>
        </dd>
        {answer.passed_over.length > 0 && (
          <>
            <dt>{t('tester.passedOver')}</dt>
            <dd>
              <ul>
                {answer.passed_over.map((trunk) => (
                  <li key={trunk.id}>
                    {trunk.name}: {t(`passed.${trunk.why}`)}
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
