import type { Step } from './flow';
import { HoursForm, HttpForm, LookupForm, SetForm, TestForm } from './forms-decide';
import { CallbackForm, GoToForm, HangUpForm, QueueForm, SubFlowForm, TransferForm, VoicemailForm } from './forms-lead';
import { CollectForm, LanguageForm, MenuForm, RateForm, SayForm } from './forms-speak';

/** The fields of a step by its kind. */
export function StepForm({ step }: { readonly step: Step }) {
  switch (step.kind) {
    case 'say':
      return <SayForm step={step} />;
    case 'menu':
      return <MenuForm step={step} />;
    case 'language':
      return <LanguageForm step={step} />;
    case 'collect':
      return <CollectForm step={step} />;
    case 'rate':
      return <RateForm step={step} />;
    case 'queue':
      return <QueueForm step={step} />;
    case 'transfer':
      return <TransferForm step={step} />;
    case 'voicemail':
      return <VoicemailForm step={step} />;
    case 'callback':
      return <CallbackForm step={step} />;
    case 'hours':
      return <HoursForm step={step} />;
    case 'set':
      return <SetForm step={step} />;
    case 'test':
      return <TestForm step={step} />;
    case 'lookup':
      return <LookupForm step={step} />;
    case 'http':
      return <HttpForm step={step} />;
    case 'flow':
      return <SubFlowForm step={step} />;
    case 'goto':
      return <GoToForm step={step} />;
    case 'hangup':
      return <HangUpForm step={step} />;
    case 'return':
      return null;
  }
}
