import { useTranslation } from 'react-i18next';
import { useCountryOptions, useLanguageOptions } from '@/shared/i18n/choices';
import { DATE_ORDERS, type CollectStep, type DigitCheck, type LanguageStep, type MenuChoice, type MenuStep, type RateStep, type SayStep } from './flow';
import { PromptField } from './prompt-field';
import { FieldSet } from './field-set';
import { RowList } from './row-list';
import { Choice, Line, NumberBox, Pick, Toggle, VariableBox, useSet } from './step-fields';
import { freeKey, KEYS, renamedKeys } from './menu-keys';
import classes from './flows.module.css';

const MAX_CHOICES = KEYS.length;

export function SayForm({ step }: { readonly step: SayStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <PromptField label={t('field.prompt')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <Toggle label={t('field.interruptible')} checked={step.interruptible} onChange={(value) => set('interruptible', value)} />
    </>
  );
}

const keyOptions = (choices: readonly { readonly key: string }[], own: string) =>
  KEYS.filter((key) => key === own || !choices.some((one) => one.key === key)).map((key) => ({ value: key, label: key }));

export function MenuForm({ step }: { readonly step: MenuStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const change = (choices: MenuChoice[], exits?: ReadonlyMap<string, string>) => set('choices', choices, exits);
  return (
    <>
      <PromptField label={t('field.prompt')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <FieldSet title={t('field.choices')}>
        <RowList
          rows={step.choices}
          most={MAX_CHOICES}
          addLabel={t('menu.add')}
          fresh={() => ({ key: freeKey(step.choices), label: '' })}
          onChange={(rows) => change(rows)}
          row={(choice, put) => (
            <div className={classes.choiceRow}>
              <Choice
                label={t('menu.key')}
                hideLabel
                value={choice.key}
                options={keyOptions(step.choices, choice.key)}
                onChange={(key) => change(step.choices.map((one) => (one === choice ? { ...one, key } : one)), renamedKeys(choice.key, key))}
              />
              <Line label={t('menu.label')} hideLabel placeholder={t('menu.label')} value={choice.label} most={60} onChange={(label) => put({ ...choice, label })} />
            </div>
          )}
        />
      </FieldSet>
      <AskingFields step={step} />
    </>
  );
}

export function LanguageForm({ step }: { readonly step: LanguageStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  const languages = useLanguageOptions();
  return (
    <>
      <PromptField label={t('field.prompt')} note={t('field.languagePrompt')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <FieldSet title={t('field.languages')}>
        <RowList
          rows={step.choices}
          most={MAX_CHOICES}
          addLabel={t('menu.addLanguage')}
          fresh={() => ({ key: freeKey(step.choices), language: languages.find((one) => !step.choices.some((choice) => choice.language === one.value))?.value ?? 'en' })}
          onChange={(rows) => set('choices', rows)}
          row={(choice, put) => (
            <div className={classes.choiceRow}>
              <Choice label={t('menu.key')} hideLabel value={choice.key} options={keyOptions(step.choices, choice.key)} onChange={(key) => put({ ...choice, key })} />
              <Choice label={t('menu.language')} hideLabel value={choice.language} options={languages} onChange={(language) => put({ ...choice, language })} />
            </div>
          )}
        />
      </FieldSet>
      <AskingFields step={step} />
    </>
  );
}

/** What all steps have that wait for keys. */
function AskingFields({ step }: { readonly step: MenuStep | LanguageStep | CollectStep }) {
  const { t } = useTranslation('flows');
  // The three kinds have these fields in common.
  const set = useSet(step as MenuStep);
  return (
    <details className={classes.more}>
      <summary>{t('field.asking')}</summary>
      <div className={classes.pair}>
        <NumberBox label={t('field.waitSeconds')} value={step.wait_seconds} least={0.5} most={60} whole={false} onChange={(value) => set('wait_seconds', value)} />
        <NumberBox label={t('field.attempts')} value={step.attempts} least={1} most={9} onChange={(value) => set('attempts', value)} />
      </div>
      <Toggle label={t('field.interruptible')} checked={step.interruptible} onChange={(value) => set('interruptible', value)} />
      <PromptField label={t('field.noInputPrompt')} note={t('field.usualWords')} value={step.no_input_prompt} onChange={(value) => set('no_input_prompt', value)} />
      <PromptField label={t('field.wrongPrompt')} note={t('field.usualWords')} value={step.wrong_prompt} onChange={(value) => set('wrong_prompt', value)} />
    </details>
  );
}

/** A list of choices takes no empty text. */
const NO_KEY = 'none';
const TERMINATORS = ['#', '*', NO_KEY] as const;

export function CollectForm({ step }: { readonly step: CollectStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <PromptField label={t('field.prompt')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <VariableBox label={t('field.into')} value={step.variable} onChange={(value) => set('variable', value)} />
      <div className={classes.pair}>
        <NumberBox label={t('field.least')} value={step.least} least={1} most={32} onChange={(value) => set('least', value)} />
        <NumberBox label={t('field.most')} value={step.most} least={1} most={32} onChange={(value) => set('most', value)} />
        <Choice
          label={t('field.terminator')}
          value={step.terminator === '' ? NO_KEY : step.terminator}
          options={TERMINATORS.map((one) => ({ value: one, label: one === NO_KEY ? t('field.noTerminator') : one }))}
          onChange={(value) => set('terminator', value === NO_KEY ? '' : value)}
        />
        <NumberBox label={t('field.betweenSeconds')} value={step.between_seconds} least={0.5} most={60} whole={false} onChange={(value) => set('between_seconds', value)} />
      </div>
      <CheckFields value={step.check} onChange={(value) => set('check', value)} />
      <Toggle label={t('field.readBack')} description={t('field.readBackText')} checked={step.read_back} onChange={(value) => set('read_back', value)} />
      <Toggle label={t('field.secret')} description={t('field.secretText')} checked={step.secret} onChange={(value) => set('secret', value)} />
      <AskingFields step={step} />
    </>
  );
}

const CHECKS: { readonly [K in DigitCheck['kind']]: Extract<DigitCheck, { kind: K }> } = {
  any: { kind: 'any' },
  mask: { kind: 'mask', mask: '####' },
  range: { kind: 'range', least: 0, most: 999_999 },
  date: { kind: 'date', order: 'ddmmyyyy' },
  phone: { kind: 'phone', country: null },
  luhn: { kind: 'luhn' },
};
const CHECK_KINDS = ['any', 'mask', 'range', 'date', 'phone', 'luhn'] as const;
const MAX_NUMBER = 10 ** 15; // as the server has it

function CheckFields({ value, onChange }: { readonly value: DigitCheck; readonly onChange: (value: DigitCheck) => void }) {
  const { t } = useTranslation('flows');
  const countries = useCountryOptions(value.kind === 'phone' ? value.country : null);
  return (
    <FieldSet title={t('field.check')}>
      <Choice label={t('field.check')} hideLabel value={value.kind} options={CHECK_KINDS.map((one) => ({ value: one, label: t(`digits.${one}`) }))} onChange={(kind) => onChange(CHECKS[kind])} />
      {value.kind === 'range' && (
        <div className={classes.pair}>
          <NumberBox label={t('field.from')} value={value.least} least={0} most={MAX_NUMBER} onChange={(least) => onChange({ ...value, least })} />
          <NumberBox label={t('field.to')} value={value.most} least={0} most={MAX_NUMBER} onChange={(most) => onChange({ ...value, most })} />
        </div>
      )}
      {value.kind === 'date' && (
        <Choice label={t('field.order')} value={value.order} options={DATE_ORDERS.map((one) => ({ value: one, label: t(`dateOrder.${one}`) }))} onChange={(order) => onChange({ ...value, order })} />
      )}
      {value.kind === 'phone' && <Pick label={t('field.country')} value={value.country} options={countries} onChange={(country) => onChange({ ...value, country })} />}
      {value.kind === 'mask' && (
        <Line label={t('field.mask')} description={t('field.maskText')} value={value.mask} most={32} onChange={(mask) => onChange({ ...value, mask: mask.replaceAll(/[^0-9#]/g, '') || '#' })} />
      )}
    </FieldSet>
  );
}

const SCALES = ['1-5', '0-10'] as const;

export function RateForm({ step }: { readonly step: RateStep }) {
  const { t } = useTranslation('flows');
  const set = useSet(step);
  return (
    <>
      <PromptField label={t('field.prompt')} note={t('field.usualWords')} value={step.prompt} onChange={(value) => set('prompt', value)} />
      <Choice label={t('field.scale')} value={step.scale} options={SCALES.map((one) => ({ value: one, label: one }))} onChange={(value) => set('scale', value)} />
      <VariableBox label={t('field.question')} value={step.question} onChange={(value) => set('question', value)} />
      <NumberBox label={t('field.attempts')} value={step.attempts} least={1} most={9} onChange={(value) => set('attempts', value)} />
    </>
  );
}
