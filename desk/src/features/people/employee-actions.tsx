import { Button, Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import type { Employee } from '@/shared/api/types';
import { confirm } from '@/shared/feedback/confirm';
import { toast } from '@/shared/feedback/toasts';
import { errorText } from '@/shared/i18n/errors';
import { useCan, useSession } from '@/shared/session/session';
import { Panel } from '@/shared/ui/page';
import { PasswordDialog } from './password-dialog';
import { personName } from './people';
import classes from './people.module.css';

type Verb = 'dismiss' | 'reinstate';

/** What is done to a person as a whole, apart from the form. */
export function EmployeeActions({ employee }: { readonly employee: Employee }) {
  const { t } = useTranslation(['people', 'common']);
  const can = useCan();
  const { person } = useSession();
  const client = useQueryClient();
  const [password, setPassword] = useState(false);
  const params = (version: number) => ({ path: { employee_id: employee.id }, header: ifMatch(version) });
  const show = (fresh: Employee) => {
    client.setQueriesData({ queryKey: ['employees', 'one'], predicate: (query) => query.queryKey.includes(fresh.id) }, fresh);
    void client.invalidateQueries({ queryKey: ['employees'] });
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      toast.error(errorText(error));
      void client.invalidateQueries({ queryKey: ['employees'] });
    }
  };
  const act = (verb: Verb, version: number): Promise<Employee> =>
    call(
      verb === 'dismiss'
        ? api.POST('/api/employees/{employee_id}/dismiss', { params: params(version) })
        : api.POST('/api/employees/{employee_id}/reinstate', { params: params(version) }),
    );
  const dismiss = () =>
    attempt(async () => {
      const fresh = await act('dismiss', employee.version);
      show(fresh);
      const undo = () => void attempt(async () => show(await act('reinstate', fresh.version)));
      toast.undoable(t('dismissed', { name: personName(employee) }), t('common:undo'), undo);
    });
  const erase = async () => {
    const yes = await confirm({
      title: t('erase.title', { name: personName(employee) }),
      text: t('erase.text'),
      confirm: t('erase.confirm'),
      danger: true,
      typed: { expected: employee.login, label: t('erase.typed', { login: employee.login }) },
    });
    if (!yes) return;
    await attempt(async () => {
      show(await call(api.POST('/api/employees/{employee_id}/erase', { params: params(employee.version), body: { confirm: employee.login } })));
      toast.done(t('erase.done'));
    });
  };
  if (employee.erased_at !== null) return null;
  const mayWrite = can('employees.write');
  const mayErase = can('employees.erase');
  if (!mayWrite && !mayErase) return null;
  const self = person.id === employee.id;
  return (
    <Panel title={t('actions')}>
      <div className={classes.actions}>
        {mayWrite && !self && employee.dismissed_at === null && (
          <>
            <Button variant="default" onClick={() => setPassword(true)}>
              {t('setPassword')}
            </Button>
            <Button variant="default" onClick={() => void dismiss()}>
              {t('dismiss')}
            </Button>
          </>
        )}
        {mayWrite && employee.dismissed_at !== null && (
          <Button variant="default" onClick={() => void attempt(async () => show(await act('reinstate', employee.version)))}>
            {t('reinstate')}
          </Button>
        )}
        {mayErase && employee.dismissed_at !== null && (
          <Button variant="light" color="red" onClick={() => void erase()}>
            {t('erase.button')}
          </Button>
        )}
        {self && <p>{t('yourself')}</p>}
      </div>
      <Modal opened={password} onClose={() => setPassword(false)} title={t('setPassword')} closeButtonProps={{ 'aria-label': t('common:close') }}>
        <PasswordDialog employee={employee} onDone={show} close={() => setPassword(false)} />
      </Modal>
    </Panel>
  );
}
