import { useTranslation } from 'react-i18next';
import { useEditor } from './editor-context';
import { noChange, type Difference } from './flows';
import { stepOf } from './graph';
import classes from './flows.module.css';

const PARTS = ['added', 'changed', 'removed'] as const;

/** What changed from one version to another: the steps by name, those that are still there as a way to them. */
export function DifferenceText({ difference: given }: { readonly difference: Difference }) {
  const { t } = useTranslation('flows');
  const { flow, words, reveal } = useEditor();
  const difference = { ...noChange, ...given };
  const shown = PARTS.filter((one) => difference[one].length > 0);
  if (shown.length === 0) return <p className={classes.hint}>{t('difference.none')}</p>;
  return (
    <dl className={classes.difference}>
      {shown.map((part) => (
        <div key={part} data-part={part}>
          <dt>{t(`difference.${part}`, { count: difference[part].length })}</dt>
          <dd>
            {difference[part].map((id) => {
              const step = stepOf(flow, id);
              if (step === undefined) return <span key={id}>{id}</span>;
              return (
                <button key={id} type="button" className={classes.jump} onClick={() => reveal(id)}>
                  {words.title(step)}
                </button>
              );
            })}
          </dd>
        </div>
      ))}
    </dl>
  );
}
