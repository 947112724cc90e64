import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, call } from '@/shared/api/http';
import type { Posted } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import type { Flow } from './flow';
import { play, type Source } from './listen';
import type { Sentence } from './prompts';
import { automatic, tell, type Told, type Timed } from './simulation';

type Asked = Posted<'/api/flows/{flow_id}/simulate'>;
export type Simulated = Awaited<ReturnType<typeof simulate>>;
export type Command = Simulated['waiting'][number];
export type Sound = Extract<Command, { kind: 'play' }>['sounds'][number];

export interface Settings {
  readonly caller: string;
  /** ISO 8601; null: now. */
  readonly at: string | null;
  /** Hours are asked of the calendar; else by hand. */
  readonly realHours: boolean;
  readonly aloud: boolean;
}

export interface Played {
  readonly events: readonly Timed[];
  readonly out: Simulated;
}

const MAX_TURNS = 60; // answers given without a hand; more is a flow that only talks

const simulate = (flowId: string, body: Asked, signal: AbortSignal) =>
  call(api.POST('/api/flows/{flow_id}/simulate', { params: { path: { flow_id: flowId } }, body, signal }));

export interface Run {
  readonly played: Played | null;
  readonly busy: boolean;
  readonly feed: (event: Told) => void;
  /** The same events anew, through the flow as it is drawn now. */
  readonly replay: (events: readonly Timed[]) => void;
  readonly stop: () => void;
}

/** Plays a call: asks the server what comes next, says it aloud when that is wanted, goes on by itself where no hand is needed. */
export function useRun(flowId: string, flow: Flow, settings: Settings, onPlayed: (played: Played | null) => void): Run {
  const [played, setPlayed] = useState<Played | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);
  const { data: sentences } = useQuery({ queryKey: ['prompts', 'sentences'], queryFn: ({ signal }) => call(api.GET('/api/prompts/sentences', { signal })), staleTime: Infinity });
  useEffect(() => () => running.current?.abort(), []);

  const show = (next: Played | null) => {
    setPlayed(next);
    onPlayed(next);
  };
  const advance = async (from: readonly Timed[]) => {
    running.current?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    const over = () => signal.aborted;
    running.current = controller;
    setBusy(true);
    let events = from;
    try {
      for (let turn = 0; turn < MAX_TURNS; turn += 1) {
        const body = { definition: flow, caller: settings.caller, called: '', at: settings.at, real_hours: settings.realHours, events: [...events] };
        const out = await simulate(flowId, body, signal);
        if (over()) return;
        show({ events, out });
        const speaking = out.waiting.find((one) => 'sounds' in one);
        if (settings.aloud && speaking !== undefined) await play(sourcesOf(speaking.sounds, sentences ?? []), signal);
        const next = automatic(out.waiting, { silent: true });
        if (next === null || over()) return;
        events = tell(events, next);
      }
    } catch (error) {
      if (!over()) toast.error(errorText(error));
    } finally {
      if (running.current === controller) setBusy(false);
    }
  };
  return {
    played,
    busy,
    feed: (event) => void advance(tell(played?.events ?? [], event)),
    replay: (events) => void advance(events),
    stop: () => {
      running.current?.abort();
      setBusy(false);
      show(null);
    },
  };
}

/** A sentence of the system with its values filled in. */
export function sentenceText(sound: Extract<Sound, { kind: 'sentence' }>, sentences: readonly Sentence[]): string {
  const found = sentences.find((one) => one.name === sound.name);
  const text = found?.texts[sound.language] ?? sound.name;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(sound.values?.[name] ?? whole));
}

function sourcesOf(sounds: readonly Sound[], sentences: readonly Sentence[]): Source[] {
  return sounds.flatMap((sound): Source[] => {
    if (sound.kind === 'spoken') return sound.text.trim() === '' ? [] : [{ text: sound.text, language: sound.language }];
    if (sound.kind === 'library') return [{ promptId: sound.prompt_id, language: sound.language }];
    if (sound.kind === 'sentence') return [{ text: sentenceText(sound, sentences), language: sound.language }];
    return [];
  });
}
