import { useTranslation } from 'react-i18next';
import { MultiField, PasswordField, SelectField, SwitchField, TextField } from '@/shared/form/fields';
import { NoteField } from '@/shared/form/note-field';
import type { FormApi } from '@/shared/form/use-form';
import { useCountryOptions } from '@/shared/i18n/choices';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { NumberExample } from './number-example';
import { RulesField } from './rules-field';
import type { TrunkLabels } from './trunk-labels';
import { CODECS, STYLES, type TrunkValues } from './trunks';

interface SectionProps {
  readonly form: FormApi<TrunkValues>;
  readonly labels: TrunkLabels;
}

interface CarrierProps extends SectionProps {
  readonly isNew: boolean;
  readonly hasPassword: boolean;
}

const upper = (value: string) => ({ value, label: value.toUpperCase() });

/** Who the carrier is and how they know us. */
export function CarrierSection({ form, labels, isNew, hasPassword }: CarrierProps) {
  const { t } = useTranslation('trunks');
  const registers = form.values.kind === 'register';
  const kinds = (['register', 'address'] as const).map((value) => ({ value, label: t(`kind.${value}`) }));
  return (
    <Section title={t('section.carrier')}>
      <div className={ui.grid}>
        <TextField form={form} name="name" label={labels.name ?? ''} required focusFirst={isNew} />
        <SelectField form={form} name="kind" label={labels.kind ?? ''} options={kinds} />
        <TextField form={form} name="host" label={labels.host ?? ''} required placeholder="sip.carrier.example" />
        <TextField form={form} name="port" label={labels.port ?? ''} description={t('hint.port')} />
        <SelectField form={form} name="transport" label={labels.transport ?? ''} options={['udp', 'tcp', 'tls'].map(upper)} />
        <TextField form={form} name="proxy" label={labels.proxy ?? ''} description={t('hint.proxy')} />
        {registers && (
          <>
            <TextField form={form} name="user" label={labels.user ?? ''} required />
            <PasswordField form={form} name="password" label={labels.password ?? ''} autoComplete="new-password" {...(hasPassword ? { description: t('hint.password') } : { required: true })} />
            <TextField form={form} name="realm" label={labels.realm ?? ''} description={t('hint.realm')} />
            <TextField form={form} name="expires" label={labels.expires ?? ''} />
          </>
        )}
        <div className={ui.span}>
          <TextField form={form} name="sources" label={labels.sources ?? ''} description={t('hint.sources')} placeholder="192.0.2.10, 198.51.100.0/24" />
        </div>
        <SwitchField form={form} name="enabled" label={labels.enabled ?? ''} description={t('hint.enabled')} />
      </div>
    </Section>
  );
}

/** How numbers are written, with a live example. */
export function NumbersSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('trunks');
  const countries = useCountryOptions(form.values.country);
  const styles = STYLES.map((value) => ({ value, label: t(`style.${value}`) }));
  return (
    <Section title={t('section.numbers')} note={t('section.numbersNote')}>
      <div className={ui.grid}>
        <SelectField form={form} name="country" label={labels.country ?? ''} options={countries} />
        <SelectField form={form} name="number_out" label={labels.number_out ?? ''} options={styles} />
        <SelectField form={form} name="number_in" label={labels.number_in ?? ''} options={styles} />
        <RulesField form={form} name="rules_out" label={labels.rules_out ?? ''} />
        <RulesField form={form} name="rules_in" label={labels.rules_in ?? ''} />
        <NumberExample values={form.values} />
      </div>
    </Section>
  );
}

/** Sound, and what the called person sees. */
export function CallsSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('trunks');
  return (
    <Section title={t('section.calls')}>
      <div className={ui.grid}>
        <MultiField form={form} name="codecs" label={labels.codecs ?? ''} description={t('hint.codecs')} options={CODECS.map((value) => ({ value, label: value }))} />
        <SelectField form={form} name="srtp" label={labels.srtp ?? ''} options={(['off', 'optional', 'required'] as const).map((value) => ({ value, label: t(`srtp.${value}`) }))} />
        <TextField form={form} name="default_number" label={labels.default_number ?? ''} description={t('hint.default_number')} type="tel" placeholder="+37322000000" />
        <SelectField form={form} name="identity" label={labels.identity ?? ''} options={(['pai', 'from'] as const).map((value) => ({ value, label: t(`identity.${value}`) }))} />
      </div>
    </Section>
  );
}

/** When this trunk is chosen and how much it carries. */
export function LimitsSection({ form, labels }: SectionProps) {
  const { t } = useTranslation('trunks');
  return (
    <Section title={t('section.limits')} note={t('section.limitsNote')}>
      <div className={ui.grid}>
        <TextField form={form} name="priority" label={labels.priority ?? ''} description={t('hint.priority')} />
        <TextField form={form} name="weight" label={labels.weight ?? ''} description={t('hint.weight')} />
        <TextField form={form} name="max_calls" label={labels.max_calls ?? ''} description={t('hint.empty')} />
        <TextField form={form} name="max_rate" label={labels.max_rate ?? ''} description={t('hint.empty')} />
        <TextField form={form} name="watch_seconds" label={labels.watch_seconds ?? ''} description={t('hint.watch')} />
        <TextField form={form} name="failover" label={labels.failover ?? ''} description={t('hint.failover')} />
        <div className={ui.span}>
          <NoteField form={form} name="note" label={labels.note ?? ''} />
        </div>
      </div>
    </Section>
  );
}
