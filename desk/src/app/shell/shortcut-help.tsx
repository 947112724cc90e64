import { Modal, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { singleKeys, useShortcutList, type ShortcutGroup } from '@/shared/shortcuts/shortcuts';
import { Keys } from '@/shared/ui/bits';
import classes from './shell.module.css';

const GROUPS: readonly ShortcutGroup[] = ['general', 'go', 'list', 'form'];

export function ShortcutHelp({ close }: { readonly close: () => void }) {
  const { t } = useTranslation(['app', 'common']);
  const shortcuts = useShortcutList();
  const [on, setOn] = useState(singleKeys.areOn);
  return (
    <Modal opened onClose={close} title={t('keys.title')} size={620} closeButtonProps={{ 'aria-label': t('common:close') }}>
      <div className={classes.keyGroups}>
        {GROUPS.map((group) => {
          const mine = shortcuts.filter((one) => one.group === group);
          if (mine.length === 0) return null;
          return (
            <section key={group} aria-label={t(`keys.${group}`)}>
              <h3 className={classes.keyTitle}>{t(`keys.${group}`)}</h3>
              <dl>
                {mine.map((one) => (
                  <div key={one.keys} className={classes.keyRow}>
                    <dt>{one.label}</dt>
                    <dd>
                      <Keys keys={one.keys} read />
                    </dd>
                  </div>
                ))}
                {group === 'list' && (
                  <div className={classes.keyRow}>
                    <dt>{t('keys.rows')}</dt>
                    <dd>
                      <Keys keys="arrowup arrowdown enter" read />
                    </dd>
                  </div>
                )}
              </dl>
            </section>
          );
        })}
      </div>
      <Switch
        mt="lg"
        label={t('keys.single')}
        description={t('keys.singleText')}
        checked={on}
        onChange={(event) => {
          singleKeys.set(event.currentTarget.checked);
          setOn(event.currentTarget.checked);
        }}
      />
    </Modal>
  );
}
