import { useEffect, useRef, useState } from 'react';
import { credentials } from '@/shared/api/http';
import { toApiError } from '@/shared/api/problem';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';

/** Where a sound comes from: a prompt of the library, or text that a voice speaks. */
export type Source =
  | { readonly promptId: string; readonly language: string }
  | { readonly text: string; readonly language: string };

export const sourceKey = (source: Source): string => JSON.stringify(source);

async function fetchSound(source: Source, signal: AbortSignal): Promise<Blob> {
  const project: Record<string, string> = credentials.projectId === null ? {} : { 'X-Centrala-Project': credentials.projectId };
  const answer =
    'promptId' in source
      ? await fetch(`/api/prompts/${source.promptId}/audio?language=${source.language}`, { headers: project, signal })
      : await fetch('/api/prompts/speak', {
          method: 'POST',
          headers: { ...project, 'Content-Type': 'application/json', 'X-CSRF-Token': credentials.csrfToken ?? '' },
          body: JSON.stringify(source),
          signal,
        });
  if (!answer.ok) throw toApiError(answer.status, await answer.json().catch(() => null), null);
  return answer.blob();
}

/** Plays sounds one after the other; resolves when all is said or `signal` ends it. */
export async function play(sources: readonly Source[], signal: AbortSignal): Promise<void> {
  for (const source of sources) {
    if (signal.aborted) return;
    const url = URL.createObjectURL(await fetchSound(source, signal));
    try {
      await playOne(url, signal);
    } finally {
      URL.revokeObjectURL(url);
    }
  }
}

function playOne(url: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const audio = new Audio(url);
    const stop = () => {
      audio.pause();
      resolve();
    };
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    audio.addEventListener('ended', () => resolve(), { once: true });
    audio.addEventListener('error', () => reject(new Error('sound')), { once: true });
    audio.play().catch(reject);
  });
}

/** One sound at a time on the page part that uses it: pressing again stops it. */
export function useListen(): { readonly playing: string | null; readonly listen: (sources: readonly Source[], key: string) => void } {
  const [playing, setPlaying] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const listen = (sources: readonly Source[], key: string) => {
    running.current?.abort();
    if (playing === key) {
      setPlaying(null);
      return;
    }
    const controller = new AbortController();
    running.current = controller;
    setPlaying(key);
    play(sources, controller.signal)
      .catch((error: unknown) => {
        if (!controller.signal.aborted) toast.error(errorText(error));
      })
      .finally(() => {
        if (running.current === controller) setPlaying(null);
      });
  };
  return { playing, listen };
}
