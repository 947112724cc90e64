import { useEffect, useRef } from 'react';
import { pressName } from '@/shared/shortcuts/keys';
import type { EditorApi } from './editor-context';
import type { Flow } from './flow';
import { fragmentOf } from './graph';

/** What was copied; it can be put into another flow. */
let clipboard: Flow | null = null;

const ELSEWHERE = 'input, textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]';

/** The keys of the drawing. They do nothing while somebody types, or while a dialog is open. */
export function useEditorKeys(editor: EditorApi, edges: readonly string[]): void {
  const latest = useRef({ editor, edges });
  useEffect(() => {
    latest.current = { editor, edges };
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || (event.target instanceof Element && event.target.closest(ELSEWHERE) !== null)) return;
      const act = actionOf(pressName(event), latest.current.editor, latest.current.edges);
      if (act === null) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}

function actionOf(press: string, { flow, state, dispatch, readOnly }: EditorApi, edges: readonly string[]): (() => void) | null {
  const { selected } = state;
  const copy = () => {
    clipboard = fragmentOf(flow, selected);
  };
  const remove = () => {
    if (selected.length > 0) dispatch({ type: 'remove', ids: selected });
    else dispatch({ type: 'disconnect', edges: flow.edges.filter((one) => edges.includes(`${one.source} ${one.exit}`)) });
  };
  const all = () => dispatch({ type: 'select', ids: flow.nodes.map((one) => one.id) });
  const some = selected.length > 0 && window.getSelection()?.toString() === '';
  if (press === 'mod+a') return all;
  if (press === 'mod+c') return some ? copy : null;
  if (readOnly) return null;
  switch (press) {
    case 'mod+z':
      return () => dispatch({ type: 'undo' });
    case 'mod+shift+z':
    case 'mod+y':
      return () => dispatch({ type: 'redo' });
    case 'mod+x':
      return some
        ? () => {
            copy();
            remove();
          }
        : null;
    case 'mod+v': {
      const fragment = clipboard;
      return fragment === null ? null : () => dispatch({ type: 'paste', fragment });
    }
    case 'mod+d':
      return some ? () => dispatch({ type: 'paste', fragment: fragmentOf(flow, selected) }) : null;
    case 'delete':
    case 'backspace':
      return selected.length > 0 || edges.length > 0 ? remove : null;
    default:
      return null;
  }
}
