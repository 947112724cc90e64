import { Menu } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { sessionStore, useProject, useSession } from '@/shared/session/session';
import classes from './shell.module.css';

/** Narrows everything that is shown to one project of the person. */
export function ProjectSwitcher() {
  const { t } = useTranslation(['app', 'common']);
  const format = useFormat();
  const client = useQueryClient();
  const { projects } = useSession();
  const chosen = useProject();
  const current = projects.find((project) => project.id === chosen);
  const label = current?.name ?? t('project.all');
  const sorted = projects.toSorted((a, b) => format.compare(`${a.company_name} ${a.name}`, `${b.company_name} ${b.name}`));
  const choose = (id: string | null) => {
    sessionStore.setProject(id);
    void client.invalidateQueries();
  };
  return (
    <Menu position="bottom-start" width={264}>
      <Menu.Target>
        <button type="button" className={classes.project}>
          <span className="visually-hidden">{t('project.label')}</span>
          <span className={classes.projectCode} aria-hidden>
            {current?.code.slice(0, 3) ?? '∗'}
          </span>
          <span className={classes.navText}>
            <span className={classes.projectName}>{label}</span>
            <span className={classes.projectCompany}>{current?.company_name ?? t('project.count', { count: projects.length })}</span>
          </span>
          <IconSelector size={14} aria-hidden className={classes.navKeys} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item rightSection={chosen === null ? <IconCheck size={15} aria-hidden /> : null} onClick={() => choose(null)}>
          {t('project.all')}
        </Menu.Item>
        <Menu.Divider />
        {sorted.map((project) => (
          <Menu.Item
            key={project.id}
            onClick={() => choose(project.id)}
            leftSection={
              <span className={classes.projectCode} aria-hidden>
                {project.code.slice(0, 3)}
              </span>
            }
            rightSection={project.id === chosen ? <IconCheck size={15} aria-hidden /> : null}
          >
            <span className={classes.projectName}>{project.name}</span>
            <span className={classes.projectCompany}>{project.company_name}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
