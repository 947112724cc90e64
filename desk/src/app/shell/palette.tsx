import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useId, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { NavItem } from '../nav';
import { GROUP_ORDER, matches, type PaletteItem } from './palette-items';
import { useCommands, useFound } from './palette-sources';
import classes from './shell.module.css';

const TYPING_PAUSE_MS = 150;

interface PaletteProps {
  readonly items: readonly NavItem[];
  readonly close: () => void;
}

/** Finds pages, people, clients and actions by a few letters. */
export function Palette({ items, close }: PaletteProps) {
  const { t } = useTranslation(['app', 'common']);
  const id = useId();
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), TYPING_PAUSE_MS);
  const [active, setActive] = useState(0);
  const commands = useCommands(items).filter((item) => matches(item, text));
  const found = useFound(asked);
  const all = GROUP_ORDER.flatMap((group) => [...commands, ...found].filter((item) => item.group === group));
  const current = Math.min(active, Math.max(0, all.length - 1));
  const run = (item: PaletteItem | undefined) => {
    if (item === undefined) return;
    close();
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      const next = (current + move + all.length) % Math.max(1, all.length);
      setActive(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(all[current]);
    }
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size={560} yOffset="12vh" attributes={{ content: { 'aria-label': t('palette.open') } }}>
      <input
        data-autofocus
        className={classes.paletteInput}
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={all.length > 0 ? `${id}-${current}` : undefined}
        aria-label={t('palette.open')}
        placeholder={t('palette.placeholder')}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t('palette.results')} className={classes.paletteList}>
        {all.map((item, index) => (
          <div key={item.id} role="presentation">
            {item.group !== all[index - 1]?.group && (
              <div className={classes.paletteGroup} role="presentation">
                {t(`palette.group.${item.group}`)}
              </div>
            )}
            {/* The keyboard is handled by the input, as the combobox pattern has it. */}
            {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              className={classes.paletteItem}
              onClick={() => run(item)}
              onPointerMove={() => setActive(index)}
            >
              <item.icon size={16} aria-hidden />
              <span>{item.label}</span>
              {item.hint !== undefined && <span className={classes.paletteHint}>{item.hint}</span>}
            </div>
          </div>
        ))}
      </div>
      {all.length === 0 && (
        <p className={classes.paletteNothing} role="status">
          {t('palette.nothing')}
        </p>
      )}
    </Modal>
  );
}
