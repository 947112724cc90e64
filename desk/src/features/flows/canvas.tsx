import '@xyflow/react/dist/base.css';
import { Background, MiniMap, ReactFlow, useReactFlow, useStoreApi, type Connection, type Edge, type EdgeChange, type NodeChange, type ReactFlowInstance } from '@xyflow/react';
import { useEffect, useMemo, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import type { Flow } from './flow';
import { stepOf, type Point } from './graph';
import { isKind } from './kinds';
import { STEP_WIDTH, heightOf } from './layout';
import { exitsOf } from './exits';
import { StepCard, type StepNode } from './step-card';
import { DRAGGED_KIND } from './palette';
import classes from './flows.module.css';

const NODE_TYPES = { step: StepCard };
const MIN_ZOOM = 0.15;
const FIT = { padding: 0.12, maxZoom: 1 };
/** A drawing that would be smaller than that is shown from its beginning, in letters that can be read. */
const READABLE = 0.62;
const MARGIN = 32; // px
const GRID: [number, number] = [8, 8];

interface Size {
  readonly width: number;
  readonly height: number;
}

interface CanvasProps {
  /** The step to bring into view; a new object each time that somebody asks. */
  readonly revealed: { readonly id: string } | null;
  readonly chosenEdges: readonly string[];
  readonly chooseEdges: (ids: readonly string[]) => void;
}

async function showBeginning(plane: ReactFlowInstance<StepNode>, flow: Flow, height: number): Promise<void> {
  await plane.fitView(FIT);
  const start = stepOf(flow, flow.start);
  if (plane.getZoom() >= READABLE || start === undefined) return;
  await plane.setViewport({ x: MARGIN - start.x * READABLE, y: height * 0.4 - start.y * READABLE, zoom: READABLE });
}

export const edgeId = (from: string, exit: string): string => `${from} ${exit}`;

/** The flow as a drawing. Everything that is done here can be done in the list and the panel beside it as well. */
export function Canvas({ revealed, chosenEdges, chooseEdges }: CanvasProps) {
  const { t } = useTranslation('flows');
  const { flow, state, dispatch, readOnly, words, trail, add } = useEditor();
  const { setCenter, screenToFlowPosition, getZoom } = useReactFlow();
  const store = useStoreApi();
  const [sizes, setSizes] = useState<ReadonlyMap<string, Size>>(new Map());
  const [dragged, setDragged] = useState<ReadonlyMap<string, Point>>(new Map());

  const nodes = useMemo(
    () =>
      flow.nodes.map((step): StepNode => {
        const size = sizes.get(step.id);
        return {
          id: step.id,
          type: 'step',
          position: dragged.get(step.id) ?? { x: step.x, y: step.y },
          data: { step },
          selected: state.selected.includes(step.id),
          ariaLabel: `${words.kind(step.kind)}: ${words.title(step)}`,
          ...(size === undefined ? {} : { measured: size }),
        };
      }),
    [flow.nodes, dragged, sizes, state.selected, words],
  );
  const edges = useMemo(
    () =>
      flow.edges.map((edge): Edge => {
        const id = edgeId(edge.source, edge.exit);
        const from = flow.nodes.find((one) => one.id === edge.source);
        const to = flow.nodes.find((one) => one.id === edge.target);
        return {
          id,
          source: edge.source,
          sourceHandle: edge.exit,
          target: edge.target,
          selected: chosenEdges.includes(id),
          className: (trail.edges.has(id) ? classes.edgePassed : classes.edge) ?? '',
          ariaLabel: t('editor.edgeName', {
            from: from === undefined ? '' : words.title(from),
            exit: from === undefined ? '' : words.exit(from, edge.exit),
            to: to === undefined ? '' : words.title(to),
          }),
        };
      }),
    [flow, chosenEdges, trail, words, t],
  );

  const show = (id: string | null) => {
    const step = stepOf(flow, id);
    if (step !== undefined) void setCenter(step.x + STEP_WIDTH / 2, step.y + heightOf(exitsOf(step).length) / 2, { zoom: Math.max(0.75, getZoom()) });
  };
  // Only when somebody asks, or the played call comes to another step: one that is moved later must not drag the view along.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => show(revealed?.id ?? null), [revealed]);
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(() => show(trail.current), [trail.current]);

  const onNodesChange = (changes: NodeChange<StepNode>[]) => {
    const measured = changes.flatMap((one) => (one.type === 'dimensions' && one.dimensions !== undefined ? [[one.id, one.dimensions] as const] : []));
    if (measured.length > 0) setSizes((before) => new Map([...before, ...measured]));
    const places = changes.flatMap((one) => (one.type === 'position' && one.position !== undefined ? [{ ...one, position: one.position }] : []));
    const done = places.filter((one) => one.dragging !== true);
    if (places.length > done.length) setDragged(new Map(places.map((one) => [one.id, one.position])));
    if (done.length > 0) {
      setDragged(new Map());
      dispatch({ type: 'move', places: new Map(done.map((one) => [one.id, { x: Math.round(one.position.x), y: Math.round(one.position.y) }])) });
    }
    const chosen = changes.filter((one) => one.type === 'select');
    if (chosen.length === 0) return;
    const ids = new Set(state.selected);
    for (const { id, selected } of chosen) {
      if (selected) ids.add(id);
      else ids.delete(id);
    }
    dispatch({ type: 'select', ids: [...ids] });
  };
  const onEdgesChange = (changes: EdgeChange[]) => {
    const chosen = changes.filter((one) => one.type === 'select');
    if (chosen.length === 0) return;
    const ids = new Set(chosenEdges);
    for (const { id, selected } of chosen) {
      if (selected) ids.add(id);
      else ids.delete(id);
    }
    chooseEdges([...ids]);
  };
  const onConnect = ({ source, sourceHandle, target }: Connection) => {
    if (sourceHandle !== null) dispatch({ type: 'connect', edge: { source, exit: sourceHandle, target } });
  };
  const onDrop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED_KIND);
    if (!isKind(kind) || readOnly) return;
    event.preventDefault();
    add(kind, screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };
  return (
    <ReactFlow<StepNode>
      className={classes.flow ?? ''}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onConnect={onConnect}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
      nodesDraggable={!readOnly}
      nodesConnectable={!readOnly}
      deleteKeyCode={null}
      snapToGrid
      snapGrid={GRID}
      minZoom={MIN_ZOOM}
      onInit={(plane) => void showBeginning(plane, flow, store.getState().height)}
      ariaLabelConfig={{
        'node.a11yDescription.default': t('editor.stepHelp'),
        'node.a11yDescription.keyboardDisabled': t('editor.stepHelp'),
        'node.a11yDescription.ariaLiveMessage': ({ x, y }) => t('editor.moved', { x: Math.round(x), y: Math.round(y) }),
        'edge.a11yDescription.default': t('editor.edgeHelp'),
        'minimap.ariaLabel': t('editor.map'),
        'handle.ariaLabel': t('editor.knob'),
      }}
    >
      <Background gap={24} size={1.2} color="var(--line-strong)" />
      <MiniMap pannable zoomable nodeColor="var(--line-control)" maskColor="color-mix(in srgb, var(--canvas) 70%, transparent)" bgColor="var(--surface)" style={{ width: 140, height: 96 }} />
    </ReactFlow>
  );
}
