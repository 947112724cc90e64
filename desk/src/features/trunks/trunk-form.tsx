import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Patched } from '@/shared/api/types';
import { toast } from '@/shared/feedback/toasts';
import { Form } from '@/shared/form/form';
import { RemoveButton } from '@/shared/form/remove-button';
import { useForm } from '@/shared/form/use-form';
import { useCan } from '@/shared/session/session';
import { CallsSection, CarrierSection, LimitsSection, NumbersSection } from './trunk-sections';
import { NEW_TRUNK, toBody, toValues, type Trunk, type TrunkValues } from './trunks';
import { useTrunkLabels } from './trunk-labels';

export function TrunkForm({ trunk }: { readonly trunk: Trunk | null }) {
  const { t } = useTranslation(['trunks', 'common']);
  const can = useCan();
  const client = useQueryClient();
  const navigate = useNavigate();
  const labels = useTrunkLabels();
  const form = useForm<TrunkValues>({
    name: `trunk.${trunk?.id ?? 'new'}`,
    initial: trunk === null ? NEW_TRUNK : toValues(trunk),
    version: trunk?.version ?? null,
    readOnly: !can('trunks.write'),
    secret: true,
    save: async (change, all, version) => {
      const saved =
        trunk === null
          ? await call(api.POST('/api/trunks', { body: toBody(all) }))
          : await call(
              api.PATCH('/api/trunks/{trunk_id}', {
                params: { path: { trunk_id: trunk.id }, header: ifMatch(version ?? 0) },
                body: toBody(change) as Patched<'/api/trunks/{trunk_id}'>,
              }),
            );
      client.setQueryData(['trunks', 'one', saved.id], saved);
      return { values: toValues(saved), version: saved.version, id: saved.id };
    },
    read: (current) => {
      const fresh = current as unknown as Trunk;
      return { values: toValues(fresh), version: fresh.version };
    },
    onSaved: (saved) => {
      void client.invalidateQueries({ queryKey: ['trunks', 'list'] });
      toast.done(t('common:saved'));
      if (trunk === null && saved.id !== undefined) void navigate({ to: '/trunks/$id', params: { id: saved.id }, replace: true });
    },
  });
  const remove = trunk !== null && !form.readOnly && (
    <RemoveButton
      what={trunk.name}
      remove={() => call(api.DELETE('/api/trunks/{trunk_id}', { params: { path: { trunk_id: trunk.id }, header: ifMatch(trunk.version) } }))}
      onDone={() => {
        void client.invalidateQueries({ queryKey: ['trunks', 'list'] });
        void navigate({ to: '/trunks', replace: true });
      }}
    />
  );
  return (
    <Form form={form} isNew={trunk === null} labels={labels} extra={remove}>
      <CarrierSection form={form} labels={labels} isNew={trunk === null} hasPassword={trunk?.has_password ?? false} />
      <NumbersSection form={form} labels={labels} />
      <CallsSection form={form} labels={labels} />
      <LimitsSection form={form} labels={labels} />
    </Form>
  );
}
