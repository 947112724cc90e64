import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ReactFlowProvider } from '@xyflow/react';
import { useCallback, useMemo, useReducer, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useCan } from '@/shared/session/session';
import { Notice, Tag } from '@/shared/ui/bits';
import { useAutosave, type Autosave } from './autosave';
import { Canvas } from './canvas';
import { ChecksPanel } from './checks-panel';
import { EditorContext, type EditorApi, type Finding } from './editor-context';
import { useEditorKeys } from './editor-keys';
import { exitsOf } from './exits';
import type { Flow, Kind } from './flow';
import { flowOf, type FlowWhole } from './flows';
import { freshId, stepOf, targetOf, type Point } from './graph';
import { freshStep } from './kinds';
import { placeBeside } from './layout';
import { newEditor, reduce, type EditorEvent, type EditorState } from './machine';
import { useStepNames } from './names';
import { NamesContext } from './names-context';
import { Outline } from './outline';
import { Palette } from './palette';
import { ReleasePanel } from './release-panel';
import { NO_TRAIL, type Trail } from './simulation';
import { Simulator } from './simulator';
import { StepPanel } from './step-panel';
import { VARIABLES_ID } from './step-fields';
import { Tabs } from './tabs';
import { Toolbar, type View } from './toolbar';
import { variablesOf } from './variables';
import { useWords } from './words';
import classes from './flows.module.css';

const CHECK_PAUSE_MS = 500; // after the last change

type Panel = 'step' | 'check' | 'play' | 'release';

interface FlowEditorProps {
  readonly whole: FlowWhole;
  /** Draws the head of the page with what the editor knows. */
  readonly frame: (parts: { readonly saving: Autosave; readonly findings: readonly Finding[]; readonly body: ReactNode }) => ReactNode;
}

const step = (state: EditorState, event: EditorEvent): EditorState => reduce(state, event, exitsOf);
const begin = (whole: FlowWhole): EditorState => newEditor(flowOf(whole));

export function FlowEditor({ whole, frame }: FlowEditorProps) {
  const { t } = useTranslation('flows');
  const can = useCan();
  const readOnly = !can('flows.write') || whole.archived_at !== null;
  const [state, dispatch] = useReducer(step, whole, begin);
  const { flow } = state;
  const [panel, setPanel] = useState<Panel>('step');
  const [view, setView] = useState<View>('drawing');
  const [wide, setWide] = useState(false);
  const [revealed, setRevealed] = useState<{ readonly id: string } | null>(null);
  const [edges, chooseEdges] = useState<readonly string[]>([]);
  const [trail, setTrail] = useState<Trail>(NO_TRAIL);
  const names = useStepNames(whole.project_id);
  const words = useWords(flow, whole.languages, names);
  const findings = useFindings(whole.id, flow);
  const load = useCallback((fresh: Flow) => dispatch({ type: 'load', flow: fresh }), []);
  const saving = useAutosave({ whole, flow, readOnly, load });

  const editor = useMemo((): EditorApi => {
    const reveal = (id: string) => {
      dispatch({ type: 'select', ids: [id] });
      setRevealed({ id });
      setPanel('step');
      setWide(false);
    };
    const add = (kind: Kind, at?: Point) => {
      const beside = at === undefined ? (state.selected.at(-1) ?? null) : null;
      const before = stepOf(flow, beside);
      const exit = before === undefined ? undefined : exitsOf(before).find((one) => targetOf(flow, before.id, one) === null);
      const made = freshStep(kind, freshId(flow, kind), at ?? placeBeside(flow, beside), whole.languages);
      dispatch({ type: 'add', step: made, from: before === undefined || exit === undefined ? undefined : { id: before.id, exit } });
      setRevealed({ id: made.id });
      setPanel('step');
    };
    return { flowId: whole.id, projectId: whole.project_id, languages: whole.languages, state, flow, dispatch, readOnly, words, findings, trail, reveal, add };
  }, [whole.id, whole.project_id, whole.languages, state, flow, readOnly, words, findings, trail]);
  useEditorKeys(editor, edges);

  const errors = findings.filter((one) => one.severity === 'error').length;
  const count = findings.length > 0 && <Tag tone={errors > 0 ? 'bad' : 'warn'}>{findings.length}</Tag>;
  const body = (
    <ReactFlowProvider>
      <div className={classes.editor}>
        <div className={classes.editorGrid} data-read-only={readOnly} data-wide={wide}>
          {!readOnly && <Palette />}
          <section className={classes.plane} aria-label={t('editor.plane')}>
            <Toolbar view={view} setView={setView} wide={wide} setWide={setWide} />
            <Conflict saving={saving} />
            <div className={classes.planeBody}>
              {view === 'drawing' ? <Canvas revealed={revealed} chosenEdges={edges} chooseEdges={chooseEdges} /> : <Outline />}
            </div>
          </section>
          <Tabs<Panel>
            label={t('panel.label')}
            chosen={panel}
            choose={setPanel}
            tabs={[
              { id: 'step', label: t('panel.step') },
              { id: 'check', label: t('panel.check'), beside: count },
              { id: 'play', label: t('panel.play') },
              { id: 'release', label: t('panel.release') },
            ]}
          >
            {panel === 'step' && <StepPanel />}
            {panel === 'check' && <ChecksPanel />}
            {panel === 'play' && <Simulator showTrail={setTrail} />}
            {panel === 'release' && <ReleasePanel whole={whole} flush={saving.flush} />}
          </Tabs>
        </div>
        <datalist id={VARIABLES_ID}>
          {variablesOf(flow).map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </div>
    </ReactFlowProvider>
  );
  return (
    <EditorContext value={editor}>
      <NamesContext value={names}>{frame({ saving, findings, body })}</NamesContext>
    </EditorContext>
  );
}

function useFindings(id: string, flow: Flow): readonly Finding[] {
  const [asked] = useDebouncedValue(flow, CHECK_PAUSE_MS);
  const checked = useQuery({
    queryKey: ['flows', 'check', id, asked],
    queryFn: ({ signal }) => call(api.POST('/api/flows/{flow_id}/check', { params: { path: { flow_id: id } }, body: { definition: asked }, signal })),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  const found = checked.data?.findings;
  return useMemo(() => (found ?? []).map((one) => ({ ...one, node_id: one.node_id ?? null, params: one.params ?? {} })), [found]);
}

function Conflict({ saving }: { readonly saving: Autosave }) {
  const { t } = useTranslation('flows');
  if (saving.theirs === null) return null;
  return (
    <div className={classes.conflict}>
      <Notice tone="warn" urgent>
        {t('saving.conflictText')}
        <Button variant="default" size="compact-sm" onClick={saving.takeTheirs}>
          {t('saving.takeTheirs')}
        </Button>
        <Button variant="default" size="compact-sm" onClick={saving.keepMine}>
          {t('saving.keepMine')}
        </Button>
      </Notice>
    </div>
  );
}
