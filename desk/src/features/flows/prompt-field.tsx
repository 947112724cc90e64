import { ActionIcon, Button, Menu, Textarea } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/shared/i18n/format';
import { useEditor } from './editor-context';
import { SPOKEN_AS, type Piece, type TextPiece } from './flow';
import { useListen, type Source } from './listen';
import { ListenButton } from './listen-button';
import { useNames } from './names-context';
import { FieldSet } from './field-set';
import { Choice, NumberBox, Pick, VariableBox } from './step-fields';
import classes from './flows.module.css';

const MAX_PIECES = 20;
const MAX_TEXT = 1000; // characters, as the server has it

interface PromptFieldProps {
  readonly label: string;
  readonly note?: string;
  readonly value: readonly Piece[];
  readonly onChange: (value: Piece[]) => void;
}

const FRESH: { readonly [K in Piece['kind']]: Extract<Piece, { kind: K }> } = {
  text: { kind: 'text', text: {} },
  prompt: { kind: 'prompt', prompt_id: null },
  value: { kind: 'value', variable: 'digits', spoken_as: 'text' },
  pause: { kind: 'pause', ms: 500 },
};
const PIECES = ['text', 'prompt', 'value', 'pause'] as const;

/** What is said: texts in all languages of the project, prompts of the library, values, pauses; one after the other. */
export function PromptField({ label, note, value, onChange }: PromptFieldProps) {
  const { t } = useTranslation('flows');
  const { readOnly } = useEditor();
  const replace = (index: number, piece: Piece) => onChange(value.map((one, at) => (at === index ? piece : one)));
  const swap = (index: number, other: number) => {
    const moved = [...value];
    const [a, b] = [moved[index], moved[other]];
    if (a === undefined || b === undefined) return;
    [moved[index], moved[other]] = [b, a];
    onChange(moved);
  };
  return (
    <FieldSet title={label} {...(note === undefined ? {} : { note })}>
      {value.map((piece, index) => (
        <div key={index} className={classes.piece} role="group" aria-label={t('prompt.piece', { number: index + 1, kind: t(`prompt.${piece.kind}`) })}>
          <div className={classes.pieceHead}>
            <span className={classes.hint}>{t(`prompt.${piece.kind}`)}</span>
            {!readOnly && (
              <span className={classes.pieceActions}>
                {value.length > 1 && (
                  <>
                    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('list.up')} disabled={index === 0} onClick={() => swap(index, index - 1)}>
                      <IconArrowUp size={14} aria-hidden />
                    </ActionIcon>
                    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('list.down')} disabled={index === value.length - 1} onClick={() => swap(index, index + 1)}>
                      <IconArrowDown size={14} aria-hidden />
                    </ActionIcon>
                  </>
                )}
                <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('list.remove')} onClick={() => onChange(value.filter((_one, at) => at !== index))}>
                  <IconTrash size={14} aria-hidden />
                </ActionIcon>
              </span>
            )}
          </div>
          <PieceFields piece={piece} onChange={(next) => replace(index, next)} />
        </div>
      ))}
      {!readOnly && value.length < MAX_PIECES && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />}>
              {t('prompt.add')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {PIECES.map((kind) => (
              <Menu.Item key={kind} onClick={() => onChange([...value, FRESH[kind]])}>
                {t(`prompt.${kind}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </FieldSet>
  );
}

function PieceFields({ piece, onChange }: { readonly piece: Piece; readonly onChange: (piece: Piece) => void }) {
  const { t } = useTranslation('flows');
  const { languages } = useEditor();
  const names = useNames();
  const { playing, listen } = useListen();
  switch (piece.kind) {
    case 'text':
      return <TextFields piece={piece} onChange={onChange} />;
    case 'prompt': {
      const { prompt_id: id } = piece;
      return (
        <div className={classes.withListen}>
          <Pick
            label={t('prompt.prompt')}
            hideLabel
            value={id}
            options={names.prompts.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(next) => onChange({ ...piece, prompt_id: next })}
          />
          {id !== null &&
            languages.map((language) => (
              <ListenButton key={language} language={language} playing={playing === language} onClick={() => listen([{ promptId: id, language }], language)} />
            ))}
        </div>
      );
    }
    case 'value':
      return (
        <div className={classes.pair}>
          <VariableBox label={t('field.variable')} value={piece.variable} onChange={(variable) => onChange({ ...piece, variable })} />
          <Choice
            label={t('prompt.spokenAs')}
            value={piece.spoken_as}
            options={SPOKEN_AS.map((one) => ({ value: one, label: t(`spoken.${one}`) }))}
            onChange={(next) => onChange({ ...piece, spoken_as: next })}
          />
        </div>
      );
    case 'pause':
      return <NumberBox label={t('prompt.ms')} value={piece.ms} least={50} most={10_000} onChange={(ms) => onChange({ ...piece, ms })} />;
  }
}

function TextFields({ piece, onChange }: { readonly piece: TextPiece; readonly onChange: (piece: Piece) => void }) {
  const { languages } = useEditor();
  const shown = [...languages, ...Object.keys(piece.text).filter((one) => !languages.includes(one))];
  return shown.map((language) => (
    <SpokenText
      key={language}
      language={language}
      value={piece.text[language] ?? ''}
      onChange={(text) => {
        const rest = Object.fromEntries(Object.entries(piece.text).filter(([one]) => one !== language));
        onChange({ ...piece, text: text === '' ? rest : { ...rest, [language]: text } });
      }}
    />
  ));
}

interface SpokenTextProps {
  readonly language: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

/** A text in one language, and how it sounds. */
function SpokenText({ language, value, onChange }: SpokenTextProps) {
  const { readOnly } = useEditor();
  const format = useFormat();
  const { playing, listen } = useListen();
  const sources: readonly Source[] = [{ text: value, language }];
  return (
    <div className={classes.withListen}>
      <Textarea
        label={format.language(language)}
        lang={language}
        rows={3}
        maxLength={MAX_TEXT}
        disabled={readOnly}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {value.trim() !== '' && <ListenButton language={language} playing={playing === language} onClick={() => listen(sources, language)} />}
    </div>
  );
}
