import { Button } from '@mantine/core';
import { IconPhone, IconPhoneOff } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useShortcut } from '@/shared/shortcuts/shortcuts';
import { useNotice } from '@/shared/softphone/notice';
import { Keys } from '@/shared/ui/bits';
import { Countdown, clock } from '@/shared/ui/elapsed';
import { nameOf, numberOf, type WorkContact } from './document';
import { actionOf, keyOf, type Model } from './machine';
import { perform, work } from './work';
import classes from './bar.module.css';

interface OffersProps {
  readonly model: Model;
  readonly offers: readonly WorkContact[];
  /** Above the bar; otherwise in the list of work. */
  readonly floating?: boolean;
}

/** Who is offered, beside the work and never over it: the focus stays where somebody types. */
export function Offers({ model, offers, floating = false }: OffersProps) {
  const { t } = useTranslation('work');
  const [first] = offers;
  const who = first === undefined ? '' : nameOf(first) || numberOf(first) || t('unknown');
  useNotice(first?.id ?? null, t('offer.notice', { who, project: first?.project ?? '' }), 'centrala.work');
  return (
    <div role="alert" className={classes.offers} data-floating={floating}>
      {offers.map((one, index) => (
        <Offer key={one.id} model={model} contact={one} first={index === 0} />
      ))}
    </div>
  );
}

/** Answers, and opens the contact's page: a wish, so the page may change. */
export function useAnswer(): (contact: string) => void {
  const navigate = useNavigate();
  return (contact) => {
    work.answer(contact);
    void navigate({ to: '/work', search: { contact } as never });
  };
}

interface OfferProps {
  readonly model: Model;
  readonly contact: WorkContact;
  readonly first: boolean;
}

function Offer({ model, contact, first }: OfferProps) {
  const { t } = useTranslation('work');
  const format = useFormat();
  const answer = useAnswer();
  const action = actionOf(model, contact, 'answer');
  const may = action?.hindrance === null;
  const decline = () => void perform('decline', contact.id);
  useShortcut(first && may ? { keys: 'f2', label: t('verb.answer'), group: 'general', palette: true, run: () => answer(contact.id) } : null);
  useShortcut(first ? { keys: 'alt+q', label: t('verb.decline'), group: 'general', palette: true, run: decline } : null);
  const waited = (Date.parse(contact.since) - Date.parse(contact.queued_at ?? contact.came_at)) / 1000;
  const facts = [contact.queue, contact.language === null ? '' : format.language(contact.language), contact.transferred_by === '' ? t('offer.waited', { time: clock(waited * 1000) }) : ''];
  const refused = model.refused.get(keyOf(contact.id, 'decline'));
  return (
    <div className={classes.offer}>
      <span className={classes.bell} aria-hidden>
        <IconPhone size={20} />
      </span>
      <span className={classes.who}>
        <span className={classes.offerProject}>
          {t(contact.callback ? 'offer.callback' : 'offer.call')} · {contact.project}
        </span>
        <strong className={classes.offerName}>
          {nameOf(contact) || numberOf(contact) || t('unknown')}
          {nameOf(contact) !== '' && <span className={classes.number}>{numberOf(contact)}</span>}
        </strong>
        <span className={classes.facts}>{facts.filter((one) => one !== '').join(' · ')}</span>
        {contact.menu_path.length > 0 && <span className={classes.facts}>{contact.menu_path.join(' › ')}</span>}
        {contact.note !== '' && <span className={classes.handed}>{t('handed', { from: contact.transferred_by, note: contact.note })}</span>}
        {refused !== undefined && <span className={classes.wrong}>{refused}</span>}
      </span>
      <span className={classes.offerActions}>
      <Countdown until={Date.parse(contact.until ?? contact.since)} offset={model.clockOffset} />
      {action?.hindrance === 'phone_elsewhere' ? (
        <span className={classes.facts}>{t('offer.elsewhere')}</span>
      ) : (
        <Button
          className={classes.answer}
          leftSection={<IconPhone size={16} aria-hidden />}
          rightSection={first ? <Keys keys="f2" /> : undefined}
          aria-keyshortcuts={first ? 'F2' : undefined}
          loading={action?.hindrance === 'asked'}
          onClick={() => answer(contact.id)}
        >
          {t('verb.answer')}
        </Button>
      )}
      <Button variant="default" leftSection={<IconPhoneOff size={16} aria-hidden />} aria-keyshortcuts={first ? 'Alt+Q' : undefined} onClick={decline}>
        {t('verb.decline')}
      </Button>
      </span>
    </div>
  );
}
