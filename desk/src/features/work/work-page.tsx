import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/ui/bits';
import { Page } from '@/shared/ui/page';
import { ClientCard } from './client-card';
import { ContactPanel } from './contact-panel';
import { contactsOf, mainContact, offersOf } from './machine';
import { MyList } from './my-list';
import { useWork } from './work';
import classes from './work.module.css';

/** Where an operator spends the day: the own work, the contact, the client. */
export function WorkPage() {
  const { t } = useTranslation('work');
  const model = useWork();
  const navigate = useNavigate();
  const search: { readonly contact?: string } = useSearch({ strict: false });
  const contacts = contactsOf(model);
  const wanted = search.contact;
  const fallback = mainContact(model) ?? offersOf(model)[0];
  const shown = wanted ?? fallback?.id;
  const contact = contacts.find((one) => one.id === shown) ?? null;
  const first = fallback?.id;
  useEffect(() => {
    // What is talked about stays on the page when it is over, until somebody chooses something else.
    if (wanted === undefined && first !== undefined) void navigate({ to: '/work', search: { contact: first } as never, replace: true });
  }, [wanted, first, navigate]);
  return (
    <Page title={t('page.title')} flush>
      <div className={classes.columns}>
        <MyList model={model} contacts={contacts} shown={shown ?? null} />
        {shown === undefined ? (
          <div className={classes.quiet}>
            <Empty title={t('page.empty')} text={t(model.document?.state.state === 'ready' ? 'page.waiting' : 'page.notReady')} />
          </div>
        ) : (
          <>
            <ContactPanel key={shown} id={shown} contact={contact} model={model} />
            <ClientCard key={`client ${shown}`} interaction={shown} contact={contact} />
          </>
        )}
      </div>
    </Page>
  );
}
