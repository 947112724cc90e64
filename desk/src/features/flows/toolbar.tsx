import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconFocusCentered, IconArrowsMaximize, IconHierarchy, IconMinus, IconPlus, type Icon } from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { useEditor } from './editor-context';
import { exitsOf } from './exits';
import { walk } from './graph';
import { arrange } from './layout';
import classes from './flows.module.css';

export type View = 'drawing' | 'list';
const VIEWS: readonly View[] = ['drawing', 'list'];

interface ToolbarProps {
  readonly view: View;
  readonly setView: (view: View) => void;
  /** The plane alone, without what stands beside it. */
  readonly wide: boolean;
  readonly setWide: (wide: boolean) => void;
}

/** Above the plane: back and forth, order, size, and a way to a step by its name. */
export function Toolbar({ view, setView, wide, setWide }: ToolbarProps) {
  const { t } = useTranslation(['flows', 'common']);
  const { flow, state, dispatch, readOnly, words, reveal } = useEditor();
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const search = useRef<HTMLInputElement>(null);
  useShortcut({ keys: '/', label: t('editor.find'), group: 'list', run: () => search.current?.focus() });
  const tidy = () => {
    dispatch({ type: 'replace', flow: arrange(flow, exitsOf) });
    // The plane has the new places by the next frame.
    requestAnimationFrame(() => void fitView({ padding: 0.12, maxZoom: 1 }));
  };
  return (
    <div className={classes.toolbar} role="toolbar" aria-label={t('editor.tools')}>
      {!readOnly && (
        <>
          <Tool icon={IconArrowBackUp} label={t('editor.undo')} keys="Control+Z" disabled={state.past.length === 0} run={() => dispatch({ type: 'undo' })} />
          <Tool icon={IconArrowForwardUp} label={t('editor.redo')} keys="Control+Shift+Z" disabled={state.future.length === 0} run={() => dispatch({ type: 'redo' })} />
          <Tool icon={IconHierarchy} label={t('editor.arrange')} disabled={flow.nodes.length < 2} run={tidy} />
        </>
      )}
      {view === 'drawing' && (
        <>
          <Tool icon={IconMinus} label={t('editor.zoomOut')} run={() => void zoomOut()} />
          <Tool icon={IconPlus} label={t('editor.zoomIn')} run={() => void zoomIn()} />
          <Tool icon={IconFocusCentered} label={t('editor.fit')} run={() => void fitView({ padding: 0.12, maxZoom: 1 })} />
        </>
      )}
      <Tool icon={IconArrowsMaximize} label={t('editor.wide')} pressed={wide} run={() => setWide(!wide)} />
      <Select
        ref={search}
        className={classes.find ?? ''}
        size="xs"
        aria-label={t('editor.find')}
        placeholder={t('editor.find')}
        data={walk(flow, exitsOf).map((one) => ({ value: one.id, label: `${words.title(one)} · ${words.summary(one)}`.slice(0, 90) }))}
        searchable
        selectFirstOptionOnChange
        nothingFoundMessage={t('common:table.noOption')}
        value={null}
        onChange={(id) => {
          if (id !== null) reveal(id);
        }}
      />
      <div className={classes.views} role="group" aria-label={t('editor.view')}>
        {VIEWS.map((one) => (
          <button key={one} type="button" aria-pressed={view === one} className={classes.view} onClick={() => setView(one)}>
            {t(`editor.${one}`)}
          </button>
        ))}
      </div>
    </div>
  );
}

interface ToolProps {
  readonly icon: Icon;
  readonly label: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  /** Of what is on or off. */
  readonly pressed?: boolean;
  readonly run: () => void;
}

function Tool({ icon: ToolIcon, label, keys, disabled = false, pressed, run }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant={pressed === true ? 'light' : 'subtle'} color="gray" aria-label={label} aria-pressed={pressed} aria-keyshortcuts={keys} disabled={disabled} onClick={run}>
        <ToolIcon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
