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
import { useSoftphone } from '@/shared/softphone/softphone';
import { Notice } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { NOTHING, STEPS, allDone, isEcho, network, passed, verdict, type Results, type Step, type Way } from './measure';
import { CallStep } from './call-step';
import { MicrophoneStep } from './microphone-step';
import { Question } from './question';
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
  const phone = useSoftphone();
  // Once a call was made, a phone that goes away for a moment does not change the page under the person.
  const way: Way = phone.link === 'ready' || phone.link === 'connecting' || results.call !== null ? 'call' : 'local';
  const done = allDone(way, results);
  const shown = trouble ?? phone.trouble;
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
      await saveCheck(way, results);
      await client.invalidateQueries({ queryKey: ['selftest'] });
      toast.done(t(passed(way, results) ? 'saved' : 'savedBad'));
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
        {shown !== null && (
          <Notice tone="bad" urgent>
            {t(`trouble.${shown}`)}
          </Notice>
        )}
        {way === 'local' && phone.link !== 'none' && <NoPhone elsewhere={phone.link === 'elsewhere'} take={phone.take} />}
        <ol className={classes.steps}>
          <StepFrame step="microphone" {...{ way, results }}>
            <MicrophoneStep heard={(db) => set({ microphoneDb: db })} failed={(error) => setTrouble(microphoneTrouble(error))} />
          </StepFrame>
          <StepFrame step="speaker" {...{ way, results }}>
            <SpeakerStep results={results} set={set} guard={guard} />
          </StepFrame>
          {way === 'call' ? (
            <StepFrame step="call" {...{ way, results }}>
              <CallStep results={results} set={set} />
            </StepFrame>
          ) : (
            <>
              <StepFrame step="recording" {...{ way, results }}>
                <RecordingStep set={set} guard={guard} />
              </StepFrame>
              <StepFrame step="network" {...{ way, results }}>
                <p className={classes.figures} role="status">
                  {results.network === null ? t('network.running') : t('network.figures', { trip: results.network.roundTripMs, jitter: results.network.jitterMs, lost: Math.round(results.network.lost * 100) })}
                </p>
              </StepFrame>
            </>
          )}
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
          <span className={classes.hint}>{t(done ? (passed(way, results) ? 'allGood' : 'someBad') : 'open')}</span>
        </div>
      </div>
    </Page>
  );
}

/** Why there is no test call, and what can be done about it. */
function NoPhone({ elsewhere, take }: { readonly elsewhere: boolean; readonly take: () => void }) {
  const { t } = useTranslation('selftest');
  return (
    <Notice tone="warn">
      {t(elsewhere ? 'phone.elsewhere' : 'phone.offline')}
      {elsewhere && (
        <Button size="compact-sm" variant="default" onClick={take}>
          {t('phone.take')}
        </Button>
      )}
    </Notice>
  );
}

const SIGNS = { open: IconCircleDashed, good: IconCircleCheck, bad: IconCircleX } as const;

interface FrameProps {
  readonly step: Step;
  readonly way: Way;
  readonly results: Results;
  readonly children: ReactNode;
}

function StepFrame({ step, way, results, children }: FrameProps) {
  const { t } = useTranslation('selftest');
  const id = useId();
  const found = verdict(step, results);
  const Sign = SIGNS[found];
  return (
    <li className={classes.step} data-verdict={found}>
      <Sign size={22} aria-hidden />
      <section className={classes.body} aria-labelledby={id}>
        <h2 id={id} className={classes.title}>
          {(STEPS[way] as readonly Step[]).indexOf(step) + 1}. {t(`step.${step}`)}
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
