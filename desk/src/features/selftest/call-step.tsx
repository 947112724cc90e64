import { Button } from '@mantine/core';
import { useEffect, useReducer, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { softphone, useSoftphone } from '@/shared/softphone/softphone';
import { callFigures, cameBack, networkGood, type Heard, type Results, type TestCall } from './measure';
import { Question } from './question';
import classes from './selftest.module.css';

const ECHO = '*43'; // answers, and sends back what it hears, for a minute at most
const SPEAK_MS = 12_000; // long enough for a handful of measurements
const FLOOR_DB = -80;

type Phase = 'before' | 'calling' | 'speak' | 'failed' | 'asked';

interface CallProps {
  readonly results: Results;
  readonly set: (patch: Partial<Results>) => void;
}

/** A real call to oneself: over the phone, the network and the centre's own audio, as a client's call goes. */
export function CallStep({ results, set }: CallProps) {
  const { t } = useTranslation('selftest');
  const { phase, loud, start } = useEcho((call) => set({ call }));
  const begin = () => {
    set({ call: null, replayed: null });
    start();
  };
  return (
    <>
      <p className={classes.hint}>{t('call.hint')}</p>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" disabled={phase === 'speak'} loading={phase === 'calling'} onClick={begin}>
          {t(phase === 'before' ? 'call.start' : 'call.again')}
        </Button>
        <span role="status">{phase === 'speak' && <strong>{t('call.speak')}</strong>}</span>
        {phase === 'asked' && results.call !== null && <Question question={t('call.question')} answer={(replayed) => set({ replayed })} />}
      </div>
      {phase === 'speak' && <meter className={classes.meter} min={0} max={1} value={Math.max(0, 1 - loud / FLOOR_DB)} aria-label={t('call.returned')} />}
      {phase === 'failed' && (
        <p className={classes.warn} role="alert">
          {t('call.failed')}
        </p>
      )}
      {results.call !== null && <Figures call={results.call} />}
    </>
  );
}

function Figures({ call }: { readonly call: TestCall }) {
  const { t } = useTranslation('selftest');
  return (
    <>
      <p className={classes.figures}>
        {t('network.figures', { trip: call.roundTripMs, jitter: call.jitterMs, lost: Math.round(call.lost * 100) })} {t('call.level', { level: call.returnedDb })}
      </p>
      {!cameBack(call) && <p className={classes.warn}>{t('call.silent')}</p>}
      {!networkGood(call) && <p className={classes.warn}>{t('call.network')}</p>}
    </>
  );
}

/** Calls, listens for a while and hangs up. A call that nobody ends on this page ends with the page. */
function useEcho(done: (call: TestCall | null) => void): { readonly phase: Phase; readonly loud: number; readonly start: () => void } {
  const { calls, sound } = useSoftphone();
  const [id, setId] = useState<string | null>(null);
  const [phase, setPhase] = useReducer((_: Phase, next: Phase) => next, 'before');
  const heard = useRef<Heard[]>([]);
  const told = useRef(done);
  const mine = calls.find((one) => one.id === id);
  const talking = mine?.phase === 'talking';
  const over = id !== null && mine === undefined;
  useEffect(() => {
    told.current = done;
  });
  useEffect(() => {
    if (talking && sound !== null) heard.current = [...heard.current, sound];
  }, [talking, sound]);
  useEffect(() => {
    if (!talking || id === null) return undefined;
    heard.current = [];
    setPhase('speak');
    const timer = window.setTimeout(() => softphone.get().hangUp(id), SPEAK_MS);
    return () => window.clearTimeout(timer);
  }, [talking, id]);
  useEffect(() => {
    if (!over) return;
    const figures = callFigures(heard.current);
    setPhase(figures === null ? 'failed' : 'asked');
    told.current(figures);
  }, [over]);
  // Who leaves the page leaves the call.
  useEffect(() => {
    if (id === null) return undefined;
    return () => softphone.get().hangUp(id);
  }, [id]);
  return {
    phase,
    loud: sound?.heardDb ?? -120,
    start: () => {
      heard.current = [];
      setPhase('calling');
      setId(softphone.get().dial(ECHO));
    },
  };
}
