import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useEditor, type Finding } from './editor-context';
import { stepOf } from './graph';

type Loose = (key: string, params: Readonly<Record<string, unknown>>) => string;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What is wrong, as a sentence; ids and codes of the server become names. */
export function useFindingText(): (finding: Finding) => string {
  const { t, i18n } = useTranslation('flows');
  const { flow, words } = useEditor();
  const format = useFormat();
  const named = (ids: unknown): string =>
    (Array.isArray(ids) ? ids : [])
      .map((one) => {
        const found = stepOf(flow, text(one));
        return found === undefined ? text(one) : words.title(found);
      })
      .join(' → ');
  return ({ code, node_id: id, params }) => {
    // The server's codes are open-ended; one without a text of its own is shown as it is.
    if (!i18n.exists(`flows:finding.${code}`)) return code;
    const step = stepOf(flow, id);
    const exit = text(params.exit);
    return (t as unknown as Loose)(`finding.${code}`, {
      ...params,
      exit: step === undefined || exit === '' ? exit : words.exit(step, exit),
      nodes: named(params.nodes),
      language: text(params.language) === '' ? '' : format.language(text(params.language)),
    });
  };
}
