import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call } from '@/shared/api/http';
import { Empty, Notice } from '@/shared/ui/bits';
import { Loaded } from '@/shared/ui/error-view';
import { Section } from '@/shared/ui/page';
import classes from './calls.module.css';
import type { Message } from './calls';
import { labelOf, ladderOf } from './ladder';
import { MessageText } from './message-text';

const TOP = 36;
const ROW = 34;
const LANE = 230;
const EDGE = 110;

/** Asked for by a button, because looking at it leaves a row in the audit trail. */
export function SipTrace({ id }: { readonly id: string }) {
  const { t } = useTranslation('calls');
  const [wanted, setWanted] = useState(false);
  const query = useQuery({
    queryKey: ['calls', 'trace', id],
    queryFn: ({ signal }) => call(api.GET('/api/calls/{call_id}/trace', { params: { path: { call_id: id } }, signal })),
    enabled: wanted,
    refetchOnWindowFocus: false,
    staleTime: Infinity,
  });
  return (
    <Section title={t('trace.title')} note={t('trace.note')}>
      {!wanted && (
        <Button variant="default" onClick={() => setWanted(true)}>
          {t('trace.show')}
        </Button>
      )}
      {wanted && (
        <Loaded query={query}>
          {(trace) => (
            <>
              {trace.truncated && <Notice tone="warn">{t('trace.truncated')}</Notice>}
              {trace.messages.length === 0 ? <Empty title={t('trace.none')} text={t('trace.noneText', { count: trace.kept_days })} /> : <Diagram messages={trace.messages} />}
            </>
          )}
        </Loaded>
      )}
    </Section>
  );
}

function Diagram({ messages }: { readonly messages: readonly Message[] }) {
  const { t } = useTranslation('calls');
  const [open, setOpen] = useState<Message | null>(null);
  const { lifelines, arrows } = ladderOf(messages);
  const width = EDGE * 2 + LANE * (lifelines.length - 1);
  const height = TOP + ROW * arrows.length + 20;
  const x = (lane: number) => EDGE + LANE * lane;
  return (
    <>
      <div className={classes.ladder} role="group" aria-label={t('trace.diagram')}>
        <svg width={width} height={height} aria-hidden>
          {lifelines.map((address, lane) => (
            <line key={address ?? ''} className={classes.life} x1={x(lane)} x2={x(lane)} y1={TOP - 6} y2={height} />
          ))}
          {arrows.map(({ message, from, to }, row) => {
            const y = TOP + ROW * row + 22;
            const tip = to > from ? -7 : 7;
            return (
              <g key={message.id} className={classes.arrow} data-failed={(message.status ?? 0) >= 400 ? '' : undefined} fill="none">
                <line x1={x(from)} x2={x(to)} y1={y} y2={y} />
                <polyline points={`${x(to) + tip},${y - 4} ${x(to)},${y} ${x(to) + tip},${y + 4}`} />
              </g>
            );
          })}
        </svg>
        {lifelines.map((address, lane) => (
          <span key={address ?? ''} className={classes.head} style={{ left: x(lane) - EDGE, width: EDGE * 2 }}>
            {address ?? 'Centrala'}
          </span>
        ))}
        {arrows.map(({ message, from, to }, row) => (
          <button
            key={message.id}
            type="button"
            className={classes.label}
            style={{ top: TOP + ROW * row, left: x(Math.min(from, to)) + 8, width: LANE * Math.abs(to - from) - 16 }}
            aria-pressed={open?.id === message.id}
            onClick={() => setOpen(message)}
          >
            {labelOf(message)}
          </button>
        ))}
      </div>
      {open !== null && <MessageText message={open} />}
    </>
  );
}
