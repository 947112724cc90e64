import { Button, Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { Notice } from '@/shared/ui/bits';
import { useEditor } from './editor-context';
import type { FlowWhole } from './flows';
import classes from './flows.module.css';

/** Calls to which numbers begin with this flow. A number leads to one flow: choosing it here takes it from another. */
export function NumbersOfFlow({ whole }: { readonly whole: FlowWhole }) {
  const { t } = useTranslation(['flows', 'common']);
  const { readOnly } = useEditor();
  const client = useQueryClient();
  const numbers = useQuery({
    queryKey: ['flows', 'numbers', whole.project_id],
    queryFn: ({ signal }) => call(api.GET('/api/numbers', { params: { query: { project_id: whole.project_id } }, signal })),
  });
  const lead = async (numberId: string, flowId: string | null) => {
    try {
      await call(api.PUT('/api/numbers/{number_id}/flow', { params: { path: { number_id: numberId } }, body: { flow_id: flowId } }));
    } catch (error) {
      toast.error(errorText(error));
    }
    await client.invalidateQueries({ queryKey: ['flows'] });
  };
  const mine = (numbers.data ?? []).filter((one) => one.flow_id === whole.id);
  const others = (numbers.data ?? []).filter((one) => one.flow_id !== whole.id);
  const called = (one: { e164: string; label: string }) => [one.e164, one.label].filter((part) => part !== '').join(' · ');
  return (
    <section aria-label={t('numbers.title')}>
      <h2 className={classes.panelTitle}>{t('numbers.title')}</h2>
      {mine.length > 0 && whole.published === null && <Notice tone="warn">{t('numbers.unpublished')}</Notice>}
      {mine.length === 0 && numbers.data !== undefined && <p className={classes.hint}>{t('numbers.none')}</p>}
      <ul>
        {mine.map((one) => (
          <li key={one.number_id} className={classes.numberRow}>
            <span>{called(one)}</span>
            {!readOnly && (
              <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void lead(one.number_id, null)}>
                {t('numbers.remove')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {!readOnly && others.length > 0 && (
        <Select
          size="xs"
          mt={6}
          aria-label={t('numbers.add')}
          placeholder={t('numbers.add')}
          data={others.map((one) => ({
            value: one.number_id,
            label: one.flow_name === null ? called(one) : t('numbers.from', { number: called(one), flow: one.flow_name }),
          }))}
          searchable
          nothingFoundMessage={t('common:table.noOption')}
          value={null}
          onChange={(id) => {
            if (id !== null) void lead(id, whole.id);
          }}
        />
      )}
    </section>
  );
}
