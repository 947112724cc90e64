import { useMantineColorScheme } from '@mantine/core';
import { IconBuilding, IconLanguage, IconLogout, IconMoon, IconPhone, IconPhoneCall, IconPlus, IconSun, IconUser, IconUserCircle } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { LANGUAGES, LANGUAGE_NAMES } from '@/shared/i18n';
import { useCan, useProject } from '@/shared/session/session';
import { useShortcutList } from '@/shared/shortcuts/shortcuts';
import { keyCaps } from '@/shared/shortcuts/keys';
import type { NavItem } from '../nav';
import type { PaletteItem } from './palette-items';
import { signOut, useSavePerson } from './person-actions';

const CREATE = [
  { id: 'employee', to: '/employees/new', permission: 'employees.write' },
  { id: 'team', to: '/teams?edit=new', permission: 'teams.write' },
  { id: 'skill', to: '/skills?edit=new', permission: 'skills.write' },
  { id: 'company', to: '/companies/new', permission: 'companies.write' },
  { id: 'project', to: '/projects/new', permission: 'projects.write' },
  { id: 'calendar', to: '/calendars/new', permission: 'calendars.write' },
] as const;

/** Pages and actions that this person may use. */
export function useCommands(nav: readonly NavItem[]): PaletteItem[] {
  const { t, i18n } = useTranslation(['app', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const savePerson = useSavePerson();
  const { colorScheme } = useMantineColorScheme({ keepTransitions: true });
  const shortcuts = useShortcutList().filter((one) => one.palette === true);
  const go = (href: string) => () => void navigate({ href });
  return [
    ...shortcuts.map((one): PaletteItem => ({ id: one.keys, group: 'actions', label: one.label, hint: keyCaps(one.keys, false).join('+'), icon: IconPhone, run: one.run })),
    ...nav.map((item): PaletteItem => ({ id: item.id, group: 'pages', label: t(`nav.${item.id}`), icon: item.icon, run: go(item.to) })),
    { id: 'me', group: 'pages', label: t('bar.profile'), icon: IconUserCircle, run: go('/me') },
    ...CREATE.filter((one) => can(one.permission)).map(
      (one): PaletteItem => ({ id: `new-${one.id}`, group: 'actions', label: t(`create.${one.id}`), icon: IconPlus, run: go(one.to) }),
    ),
    ...(['light', 'dark'] as const)
      .filter((theme) => theme !== colorScheme)
      .map((theme): PaletteItem => ({ id: theme, group: 'actions', label: t(`bar.${theme}`), icon: theme === 'dark' ? IconMoon : IconSun, run: () => savePerson({ theme }) })),
    ...LANGUAGES.filter((language) => language !== i18n.language).map(
      (language): PaletteItem => ({
        id: language,
        group: 'actions',
        label: t('palette.language', { name: LANGUAGE_NAMES[language] }),
        icon: IconLanguage,
        run: () => savePerson({ language }),
      }),
    ),
    { id: 'sign-out', group: 'actions', label: t('bar.signOut'), icon: IconLogout, run: () => void signOut(client, () => navigate({ to: '/sign-in' })) },
  ];
}

const FEW = 6; // of each kind
const MIN_LETTERS = 2;

/** People and clients, as the server finds them. */
export function useFound(text: string): PaletteItem[] {
  const can = useCan();
  const project = useProject();
  const navigate = useNavigate();
  const asks = text.length >= MIN_LETTERS;
  const query = { q: text, page_size: FEW };
  const options = { placeholderData: keepPreviousData, staleTime: 30_000 } as const;
  const people = useQuery({
    ...options,
    queryKey: ['employees', 'palette', project, text],
    queryFn: ({ signal }) => call(api.GET('/api/employees', { params: { query }, signal })),
    enabled: asks && can('employees.read'),
  });
  const companies = useQuery({
    ...options,
    queryKey: ['companies', 'palette', project, text],
    queryFn: ({ signal }) => call(api.GET('/api/companies', { params: { query }, signal })),
    enabled: asks && can('companies.read'),
  });
  const projects = useQuery({
    ...options,
    queryKey: ['projects', 'palette', project, text],
    queryFn: ({ signal }) => call(api.GET('/api/projects', { params: { query }, signal })),
    enabled: asks && can('projects.read'),
  });
  if (!asks) return [];
  return [
    ...(people.data?.items ?? []).map((one): PaletteItem => ({
      id: one.id,
      group: 'people',
      label: `${one.given_name} ${one.family_name}`,
      hint: one.login,
      icon: IconUser,
      run: () => void navigate({ to: '/employees/$id', params: { id: one.id } }),
    })),
    ...(companies.data?.items ?? []).map((one): PaletteItem => ({
      id: one.id,
      group: 'clients',
      label: one.name,
      icon: IconBuilding,
      run: () => void navigate({ to: '/companies/$id', params: { id: one.id } }),
    })),
    ...(projects.data?.items ?? []).map((one): PaletteItem => ({
      id: one.id,
      group: 'clients',
      label: one.name,
      hint: one.code,
      icon: IconPhoneCall,
      run: () => void navigate({ to: '/projects/$id', params: { id: one.id } }),
    })),
  ];
}
