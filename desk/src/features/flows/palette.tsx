import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import { GROUPS, KINDS } from './kinds';
import classes from './flows.module.css';

/** Type of what is dragged from here to the plane. */
export const DRAGGED_KIND = 'application/x-centrala-step';

/** What a flow is made of. A click adds after the chosen step; dragging puts it where it is dropped. */
export function Palette() {
  const { t } = useTranslation('flows');
  const { words, add } = useEditor();
  return (
    <section className={classes.palette} aria-label={t('palette.title')}>
      {GROUPS.map((group) => (
        <div key={group} role="group" aria-label={t(`palette.${group}`)}>
          <p className={classes.paletteGroup} aria-hidden>
            {t(`palette.${group}`)}
          </p>
          {KINDS.filter((one) => one.group === group).map((one) => (
            <button
              key={one.kind}
              type="button"
              className={classes.paletteItem}
              data-group={group}
              draggable
              onDragStart={(event) => {
                event.dataTransfer.setData(DRAGGED_KIND, one.kind);
                event.dataTransfer.effectAllowed = 'copy';
              }}
              onClick={() => add(one.kind)}
            >
              <span className={classes.cardIcon}>
                <one.icon size={15} aria-hidden />
              </span>
              {words.kind(one.kind)}
            </button>
          ))}
        </div>
      ))}
    </section>
  );
}
