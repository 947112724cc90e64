import { describe, expect, it } from 'vitest';
import { arrived, begin, choices, dispositionChanged, fieldsOf, missing, narrow, noteChanged, valuesOf, type AskedField, type Details, type Disposition, type Draft } from './draft';

const field = (patch: Partial<AskedField> = {}): AskedField => ({ name: 'meter', labels: { en: 'Meter', ru: 'Счётчик', ro: '' }, type: 'text', required: true, choices: [], ...patch });

const node = (id: string, patch: Partial<Disposition> = {}): Disposition => ({
  id, project_id: 'p1', parent_id: null, kind: 'cause', code: id, labels: { en: id, ru: '', ro: '' }, required_fields: [], position: 0, archived_at: null, version: 1, ...patch,
});

// Only what a draft reads.
const details = (patch: Partial<Details> = {}): Details => ({ note: 'old', cause_id: null, outcome_id: null, disposition_fields: {}, may_write: true, version: 1, ...patch }) as Details;
const typing = (draft: Draft, patch: Partial<Draft['typed']>): Draft => ({ ...draft, typed: { ...draft.typed, ...patch } });

const tree = [
  node('bills', { position: 1, labels: { en: 'Bills', ru: 'Счета', ro: 'Facturi' } }),
  node('amount', { parent_id: 'bills', position: 2, labels: { en: 'Wrong amount', ru: '', ro: 'Sumă greșită' }, required_fields: [field(), field({ name: 'sum', type: 'number', required: false })] }),
  node('late', { parent_id: 'bills', position: 1 }),
  node('fault', { position: 0 }),
  node('solved', { kind: 'outcome', required_fields: [field()] }),
  node('other', { project_id: 'p2' }),
];

describe('the server answers while somebody types', () => {
  it('keeps what was typed and takes what was not touched', () => {
    const draft = typing(begin(details(), null), { note: 'new' });
    const after = arrived(draft, details({ note: 'theirs', cause_id: 'late', version: 2 }));
    expect(after.typed).toMatchObject({ note: 'new', cause: 'late' });
    expect([noteChanged(after), dispositionChanged(after), after.version]).toEqual([true, false, 2]);
  });

  it('is clean once the server has what was typed', () => {
    const draft = typing(begin(details(), null), { note: 'new', cause: 'late', fields: { a: '' } });
    const after = arrived(draft, details({ note: 'new', cause_id: 'late' }));
    expect([noteChanged(after), dispositionChanged(after)]).toEqual([false, false]);
  });

  it('a reload brings back what never reached the server', () => {
    const kept = { note: 'typed', cause: null, outcome: null, fields: {} };
    expect(noteChanged(begin(details(), kept))).toBe(true);
  });
});

describe('what is missing before a contact is finished', () => {
  const names = (patch: Partial<Draft['typed']>, project = 'p1') =>
    missing(typing(begin(details(), null), patch).typed, tree, project).map((one) => (one.what === 'field' ? one.field.name : one.what));
  it('both kinds, when the project has them', () => {
    expect(names({})).toEqual(['cause', 'outcome']);
    expect(names({}, 'p2')).toEqual(['cause']);
    expect(names({}, 'p3')).toEqual([]);
  });
  it('the required fields of what was chosen, each once, until they are filled', () => {
    expect(names({ cause: 'amount', outcome: 'solved' })).toEqual(['meter']);
    expect(names({ cause: 'amount', outcome: 'solved', fields: { meter: '  ' } })).toEqual(['meter']);
    expect(names({ cause: 'amount', outcome: 'solved', fields: { meter: '7' } })).toEqual([]);
  });
});

it('sends only what is asked for, numbers as numbers', () => {
  const { typed } = typing(begin(details(), null), { cause: 'amount', fields: { meter: ' 7 ', sum: '12,5', gone: 'x' } });
  expect(fieldsOf(typed, tree).map((one) => one.name)).toEqual(['meter', 'sum']);
  expect(valuesOf(typed, tree)).toEqual({ meter: '7', sum: 12.5 });
});

describe('the tree', () => {
  it('offers its leaves with the way to them, in its order, in the person’s language or English', () => {
    expect(choices(tree, 'p1', 'cause', 'ro').map((one) => one.label)).toEqual(['fault', 'Facturi › late', 'Facturi › Sumă greșită']);
    expect(choices(tree, 'p1', 'outcome', 'en').map((one) => one.value)).toEqual(['solved']);
  });
  it('is searched by beginnings of words, without diacritics', () => {
    const all = choices(tree, 'p1', 'cause', 'ro');
    expect(narrow(all, 'gres').map((one) => one.value)).toEqual(['amount']);
    expect(narrow(all, 'fact la').map((one) => one.value)).toEqual(['late']);
    expect(narrow(all, 'x')).toEqual([]);
    expect(narrow(all, '')).toHaveLength(3);
  });
});
