import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { useFormat } from '@/shared/i18n/format';
import { useCan } from '@/shared/session/session';
import { useEdit } from '@/shared/table/use-edit';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import ui from '@/shared/ui/ui.module.css';
import { RuleForm } from './rule-form';
import { useSubjectName } from './subject';
import type { Dialling, DialRule } from './trunks';

/** What holds for the centre, and who has a rule of their own. */
export function RulesSection({ dialling }: { readonly dialling: Dialling }) {
  const { t } = useTranslation(['trunks', 'common']);
  const can = useCan();
  const edit = useEdit();
  const rules = useQuery({ queryKey: ['dialling', 'rules'], queryFn: ({ signal }) => call(api.GET('/api/dialling/rules', { signal })) });
  const centre = rules.data?.find((rule) => rule.scope === 'centre') ?? null;
  const open = edit.id === 'centre' ? centre : (rules.data?.find((rule) => rule.id === edit.id) ?? null);
  const isNew = edit.id === 'new' || (edit.id === 'centre' && centre === null);
  const ready = edit.id !== null && (isNew || open !== null);
  return (
    <>
      <Section
        title={t('dialling.usual')}
        note={t('dialling.usualNote')}
        actions={
          <Button variant="default" size="xs" onClick={() => edit.open('centre')}>
            {can('dialling.write') ? t('dialling.change') : t('dialling.show')}
          </Button>
        }
      >
        <Usual dialling={dialling} />
      </Section>
      <Section
        title={t('dialling.rules')}
        note={t('dialling.rulesNote')}
        actions={
          can('dialling.write') && (
            <Button variant="default" size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => edit.open('new')}>
              {t('dialling.newRule')}
            </Button>
          )
        }
      >
        <Loaded query={rules}>{(found) => <RuleTable rules={found.filter((rule) => rule.scope !== 'centre')} open={edit.open} />}</Loaded>
      </Section>
      <Drawer
        opened={ready}
        onClose={edit.close}
        title={edit.id === 'centre' ? t('dialling.usual') : edit.id === 'new' ? t('dialling.newRule') : t('dialling.rule')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {ready && <RuleForm key={edit.id} rule={open} scope={edit.id === 'centre' ? 'centre' : 'role'} close={edit.close} />}
      </Drawer>
    </>
  );
}

function Usual({ dialling }: { readonly dialling: Dialling }) {
  const { t } = useTranslation('trunks');
  const format = useFormat();
  const { usual, all_caps: all } = dialling;
  const yes = (value: boolean) => t(value ? 'said.yes' : 'said.no');
  const cap = (value: number | null) => (value === null ? t('dialling.noCap') : format.number(value));
  return (
    <dl className={ui.facts}>
      <dt>{t('rule.country')}</dt>
      <dd>{dialling.country === '' ? t('dialling.noCountry') : format.country(dialling.country)}</dd>
      <dt>{t('rule.own_country')}</dt>
      <dd>{yes(usual.own_country)}</dd>
      <dt>{t('rule.elsewhere')}</dt>
      <dd>{usual.countries.length === 0 ? t('said.no') : format.list(usual.countries.map(format.country))}</dd>
      <dt>{t('rule.premium')}</dt>
      <dd>{yes(usual.premium)}</dd>
      <dt>{t('rule.satellite')}</dt>
      <dd>{yes(usual.satellite)}</dd>
      <dt>{t('dialling.capsOfOne')}</dt>
      <dd>{t('dialling.caps', { calls: cap(usual.caps.calls_per_hour), minutes: cap(usual.caps.minutes_per_day) })}</dd>
      <dt>{t('dialling.capsOfAll')}</dt>
      <dd>{t('dialling.caps', { calls: cap(all.calls_per_hour), minutes: cap(all.minutes_per_day) })}</dd>
    </dl>
  );
}

function RuleTable({ rules, open }: { readonly rules: readonly DialRule[]; readonly open: (id: string) => void }) {
  const { t } = useTranslation('trunks');
  const subject = useSubjectName();
  const describe = useDescribeRule();
  if (rules.length === 0) return <p className={ui.muted}>{t('dialling.noRules')}</p>;
  return (
    <div className={ui.scrollX}>
      <table className={ui.plainTable}>
        <thead>
          <tr>
            <th scope="col">{t('dialling.for')}</th>
            <th scope="col">{t('dialling.says')}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.id}>
              <td>
                <Button variant="subtle" size="compact-sm" onClick={() => open(rule.id)}>
                  {t(`scope.${rule.scope}`)}: {subject(rule)}
                </Button>
              </td>
              <td>{describe(rule)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function useDescribeRule(): (rule: DialRule) => string {
  const { t } = useTranslation('trunks');
  const format = useFormat();
  return (rule) => {
    const parts: string[] = [];
    for (const name of ['own_country', 'premium', 'satellite'] as const) {
      if (rule[name] !== null) parts.push(`${t(`rule.${name}`)}: ${t(rule[name] ? 'said.yes' : 'said.no')}`);
    }
    if (rule.countries !== null) {
      parts.push(`${t('rule.elsewhere')}: ${rule.countries.length === 0 ? t('said.no') : format.list(rule.countries.map(format.country))}`);
    }
    for (const name of ['calls_per_hour', 'minutes_per_day'] as const) {
      if (rule[name] !== null) parts.push(`${t(`rule.${name}`)}: ${format.number(rule[name])}`);
    }
    if (rule.spend_per_day !== null) parts.push(`${t('rule.spend_per_day')}: ${format.number(rule.spend_per_day / 100)}`);
    return parts.length === 0 ? '—' : parts.join(' · ');
  };
}
