import { ActionIcon, Tooltip } from '@mantine/core';
import { IconLayoutSidebar, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { Keys } from '@/shared/ui/bits';
import { GROUPS, type NavItem } from '../nav';
import { ProjectSwitcher } from './project-switcher';
import classes from './shell.module.css';

const RAIL_KEY = 'centrala.nav-rail';

interface NavigationProps {
  readonly items: readonly NavItem[];
  readonly openPalette: () => void;
}

export function Navigation({ items, openPalette }: NavigationProps) {
  const { t } = useTranslation(['app', 'common']);
  const [rail, setRail] = useState(() => localStorage.getItem(RAIL_KEY) !== null);
  const toggle = () => {
    if (rail) localStorage.removeItem(RAIL_KEY);
    else localStorage.setItem(RAIL_KEY, '1');
    setRail(!rail);
  };
  useShortcut({ keys: 'mod+b', label: t('nav.toggle'), group: 'general', run: toggle });
  return (
    <nav className={classes.nav} data-rail={rail} aria-label={t('nav.label')}>
      <div className={classes.brand}>
        <img src="/icon.svg" width={22} height={22} alt="" />
        <span className={classes.brandName}>Centrala</span>
        <ActionIcon className={classes.railToggle} variant="subtle" color="gray" aria-label={t('nav.toggle')} aria-expanded={!rail} onClick={toggle}>
          <IconLayoutSidebar size={16} aria-hidden />
        </ActionIcon>
      </div>
      <ProjectSwitcher />
      <button type="button" className={classes.searchButton} onClick={openPalette} aria-keyshortcuts="Control+K">
        <IconSearch size={15} aria-hidden />
        <span className={classes.navText}>{t('palette.short')}</span>
        <span className={classes.navKeys}>
          <Keys keys="mod+k" />
        </span>
      </button>
      {GROUPS.map((group) => {
        const mine = items.filter((item) => item.group === group);
        if (mine.length === 0) return null;
        return (
          <div key={group} className={classes.group}>
            {group !== 'work' && (
              <h2 className={classes.groupTitle} id={`nav-${group}`}>
                {t(`nav.${group}`)}
              </h2>
            )}
            <ul aria-labelledby={group === 'work' ? undefined : `nav-${group}`}>
              {mine.map((item) => (
                <li key={item.id}>
                  <Tooltip label={t(`nav.${item.id}`)} position="right" disabled={!rail}>
                    <Link to={item.to} className={classes.link} activeOptions={{ exact: item.to === '/', includeSearch: false }}>
                      <item.icon size={17} stroke={1.7} aria-hidden />
                      <span className={classes.navText}>{t(`nav.${item.id}`)}</span>
                    </Link>
                  </Tooltip>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
