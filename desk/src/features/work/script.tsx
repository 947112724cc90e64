import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useSession } from '@/shared/session/session';
import { Loaded } from '@/shared/ui/error-view';
import classes from './work.module.css';

interface ScriptProps {
  readonly project: string;
  readonly queue: string | null;
  /** The client's. */
  readonly language: string | null;
}

/** What is said in this project, in the client's language where there is such a text; `{operator}` is who says it. */
export function Script({ project, queue, language }: ScriptProps) {
  const { t } = useTranslation('work');
  const { person } = useSession();
  const name = `${person.given_name} ${person.family_name}`;
  const query = useQuery({
    queryKey: ['scripts', project, queue],
    queryFn: ({ signal }) => call(api.GET('/api/project-scripts', { params: { query: { project_id: project, ...(queue === null ? {} : { queue_id: queue }) } }, signal })),
    staleTime: 60_000,
  });
  return (
    <Loaded query={query} lines={4}>
      {(all) => {
        const fitting = all.filter((one) => one.language === null || language === null || one.language === language);
        const shown = fitting.length > 0 ? fitting : all;
        if (shown.length === 0) return <p className={classes.nothing}>{t('script.none')}</p>;
        return shown.map((one) => (
          <article key={one.id} className={classes.script} lang={one.language ?? undefined}>
            <h3>{one.title}</h3>
            <p>{one.text.replaceAll('{operator}', name)}</p>
          </article>
        ));
      }}
    </Loaded>
  );
}
