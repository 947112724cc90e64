import { Button } from '@mantine/core';
import { IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { putOff } from '@/shared/softphone/check';
import { missing, microphoneTrouble, type DeviceTrouble } from '@/shared/softphone/devices';
import { Notice } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { NOTHING, STEPS, allDone, isEcho, network, passed, verdict, type Results, type Step } from './measure';
import { MicrophoneStep } from './microphone-step';
import { saveCheck } from './save';
import { ping, record, tone } from './sound';
import classes from './selftest.module.css';

/** Before the shift: can this person be heard, and hear, over this headset and this network? */
export function SelftestPage() {
  const { t } = useTranslation('selftest');
  const navigate = useNavigate();
  const client = useQueryClient();
  const [results, setResults] = useState<Results>(NOTHING);
  const [trouble, setTrouble] = useState<DeviceTrouble | null>(missing);
  const [saving, setSaving] = useState(false);
  const set = (patch: Partial<Results>) => setResults((before) => ({ ...before, ...patch }));
  const done = allDone(results);
  const guard = async (run: () => Promise<void>) => {
    try {
      await run();
      setTrouble(null);
    } catch (error) {
      setTrouble(microphoneTrouble(error));
    }
  };
  useEffect(() => {
    void ping().then((times) => setResults((before) => ({ ...before, network: network(times) ?? { roundTripMs: 0, jitterMs: 0, lost: 1 } })));
  }, []);
  const finish = async () => {
    setSaving(true);
    try {
      await saveCheck(results);
      await client.invalidateQueries({ queryKey: ['selftest'] });
      toast.done(t(passed(results) ? 'saved' : 'savedBad'));
      await navigate({ to: '/work' });
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Page title={t('title')}>
      <div className={classes.page}>
        <p className={classes.lead}>{t('lead')}</p>
        {trouble !== null && (
          <Notice tone="bad" urgent>
            {t(`trouble.${trouble}`)}
          </Notice>
        )}
        <ol className={classes.steps}>
          <StepFrame step="microphone" results={results}>
            <MicrophoneStep heard={(db) => set({ microphoneDb: db })} failed={(error) => setTrouble(microphoneTrouble(error))} />
          </StepFrame>
          <StepFrame step="speaker" results={results}>
            <SpeakerStep results={results} set={set} guard={guard} />
          </StepFrame>
          <StepFrame step="recording" results={results}>
            <RecordingStep set={set} guard={guard} />
          </StepFrame>
          <StepFrame step="network" results={results}>
            <p className={classes.figures} role="status">
              {results.network === null ? t('network.running') : t('network.figures', { trip: results.network.roundTripMs, jitter: results.network.jitterMs, lost: Math.round(results.network.lost * 100) })}
            </p>
          </StepFrame>
        </ol>
        <div className={classes.foot}>
          <Button disabled={!done} loading={saving} onClick={() => void finish()}>
            {t('finish')}
          </Button>
          <Button
            variant="subtle"
            onClick={() => {
              putOff();
              void navigate({ to: '/work' });
            }}
          >
            {t('later')}
          </Button>
          <span className={classes.hint}>{t(done ? (passed(results) ? 'allGood' : 'someBad') : 'open')}</span>
        </div>
      </div>
    </Page>
  );
}

const SIGNS = { open: IconCircleDashed, good: IconCircleCheck, bad: IconCircleX } as const;

function StepFrame({ step, results, children }: { readonly step: Step; readonly results: Results; readonly children: ReactNode }) {
  const { t } = useTranslation('selftest');
  const id = useId();
  const found = verdict(step, results);
  const Sign = SIGNS[found];
  return (
    <li className={classes.step} data-verdict={found}>
      <Sign size={22} aria-hidden />
      <section className={classes.body} aria-labelledby={id}>
        <h2 id={id} className={classes.title}>
          {STEPS.indexOf(step) + 1}. {t(`step.${step}`)}
          <span className={classes.verdict}>{t(`verdict.${found}`)}</span>
        </h2>
        {children}
      </section>
    </li>
  );
}

interface PartProps {
  readonly set: (patch: Partial<Results>) => void;
  readonly guard: (run: () => Promise<void>) => Promise<void>;
}

function SpeakerStep({ results, set, guard }: PartProps & { readonly results: Results }) {
  const { t } = useTranslation('selftest');
  const [state, setState] = useState<'before' | 'playing' | 'asked'>('before');
  const run = async () => {
    setState('playing');
    await guard(async () => {
      const levels = await tone();
      set({ echo: levels === null ? null : isEcho(levels.before, levels.during) });
    });
    setState('asked');
  };
  return (
    <>
      <p className={classes.hint}>{t('speaker.hint')}</p>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" loading={state === 'playing'} onClick={() => void run()}>
          {t('speaker.play')}
        </Button>
        {state === 'asked' && <Question question={t('speaker.question')} answer={(heard) => set({ heard })} />}
      </div>
      {results.echo === true && <p className={classes.warn}>{t('speaker.echo')}</p>}
    </>
  );
}

function RecordingStep({ set, guard }: PartProps) {
  const { t } = useTranslation('selftest');
  const [state, setState] = useState<'before' | 'speak' | 'listen' | 'asked'>('before');
  const run = async () => {
    setState('before');
    await guard(async () => {
      await record(setState);
      setState('asked');
    });
  };
  return (
    <>
      <p className={classes.hint}>{t('recording.hint')}</p>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" disabled={state === 'speak' || state === 'listen'} onClick={() => void run()}>
          {t('recording.start')}
        </Button>
        <span role="status">{(state === 'speak' || state === 'listen') && <strong>{t(`recording.${state}`)}</strong>}</span>
        {state === 'asked' && <Question question={t('recording.question')} answer={(replayed) => set({ replayed })} />}
      </div>
    </>
  );
}

function Question({ question, answer }: { readonly question: string; readonly answer: (yes: boolean) => void }) {
  const { t } = useTranslation('selftest');
  return (
    <fieldset className={classes.question}>
      <legend>{question}</legend>
      <Button size="xs" onClick={() => answer(true)}>
        {t('yes')}
      </Button>
      <Button size="xs" variant="default" onClick={() => answer(false)}>
        {t('no')}
      </Button>
    </fieldset>
  );
}
