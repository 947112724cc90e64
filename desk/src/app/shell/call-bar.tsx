import { ActionIcon, Menu } from '@mantine/core';
import { IconKeyboard, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Suspense, lazy } from 'react';
import { useTranslation } from 'react-i18next';
import { useComputedColorScheme } from '@mantine/core';
import { useLivePhase } from '@/shared/live/live';
import { useCan, useSession } from '@/shared/session/session';
import { Avatar, State } from '@/shared/ui/bits';
import { signOut, useSavePerson } from './person-actions';
import classes from './shell.module.css';

const WorkBar = lazy(async () => ({ default: (await import('@/features/work/bar')).WorkBar }));
const PhoneDock = lazy(async () => ({ default: (await import('@/features/phone/dock')).PhoneDock }));

/**
 * The bar that never moves and never hides. The person on the left, then an operator's state and contact, the phone, and
 * the live feed on the right.
 */
export function CallBar({ openHelp }: { readonly openHelp: () => void }) {
  const { t } = useTranslation(['app', 'common']);
  const can = useCan();
  const { person } = useSession();
  const settled = !person.must_change_password;
  const works = settled && can('work.own');
  return (
    <footer className={classes.callBar} data-works={works} aria-label={t('bar.label')}>
      <PersonMenu />
      <div className={classes.barMiddle}>
        <Suspense>{works && <WorkBar />}</Suspense>
        <Suspense>{settled && can('phone.own') && <PhoneDock />}</Suspense>
      </div>
      <LiveState />
      <ActionIcon variant="subtle" color="gray" aria-label={t('keys.title')} aria-keyshortcuts="?" onClick={openHelp}>
        <IconKeyboard size={17} aria-hidden />
      </ActionIcon>
    </footer>
  );
}

function LiveState() {
  const { t } = useTranslation(['app', 'common']);
  const phase = useLivePhase();
  const tone = { open: 'good', connecting: 'warn', waiting: 'bad', ended: 'bad', idle: 'plain' } as const;
  return (
    <span className={classes.liveState} role="status">
      <State tone={tone[phase]}>
        <span className={classes.liveWord}>{t(`live.${phase}`)}</span>
      </State>
    </span>
  );
}

function PersonMenu() {
  const { t } = useTranslation(['app', 'common']);
  const { person, roles } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const dark = useComputedColorScheme('light') === 'dark';
  const savePerson = useSavePerson();
  return (
    <Menu position="top-start" width={232}>
      <Menu.Target>
        <button type="button" className={classes.person}>
          <Avatar given={person.given_name} family={person.family_name} />
          <span className={classes.personName}>
            {person.given_name} {person.family_name}
          </span>
          <span className={classes.personRole}>{roles.map((role) => t(`common:role.${role as 'operator'}`)).join(', ')}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/me" leftSection={<IconUserCircle size={16} aria-hidden />}>
          {t('bar.profile')}
        </Menu.Item>
        <Menu.Item
          leftSection={dark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
          onClick={() => savePerson({ theme: dark ? 'light' : 'dark' })}
        >
          {t(dark ? 'bar.light' : 'bar.dark')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut(client, () => navigate({ to: '/sign-in' }))}>
          {t('bar.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
