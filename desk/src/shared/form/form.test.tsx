// @vitest-environment jsdom
import '@/test/browser-parts';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { ApiError } from '@/shared/api/problem';
import { show } from '@/test/render';
import { TextField } from './fields';
import { Form } from './form';
import { useForm, type FormOptions, type Saved } from './use-form';

interface Thing {
  name: string;
  note: string;
}

type Save = FormOptions<Thing>['save'];

function Sample({ save }: { readonly save: Save }) {
  const form = useForm<Thing>({
    name: 'thing.1',
    initial: { name: 'Old', note: '' },
    version: 1,
    save,
    read: (current) => ({ values: { name: String(current.name), note: String(current.note) }, version: Number(current.version) }),
  });
  const labels = { name: 'Name', note: 'Note' };
  return (
    <Form form={form} labels={labels}>
      <TextField form={form} name="name" label="Name" />
      <TextField form={form} name="note" label="Note" />
    </Form>
  );
}

const answer = (values: Thing, version: number): Promise<Saved<Thing>> => Promise.resolve({ values, version });

it('sends only what was changed, with the version that was read', async () => {
  const save = vi.fn<Save>((_change, all) => answer(all, 2));
  await show(<Sample save={save} />);
  await userEvent.type(screen.getByLabelText('Note'), 'x');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(save).toHaveBeenCalledWith({ note: 'x' }, { name: 'Old', note: 'x' }, 1);
});

it('shows a field error beside its field and keeps what was typed', async () => {
  const refusal = new ApiError(422, 'validation', '', [{ field: 'name', code: 'taken', params: {}, message: '' }]);
  await show(<Sample save={() => Promise.reject(refusal)} />);
  await userEvent.type(screen.getByLabelText('Name'), 'er');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Taken already.')).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')));
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Older');
});

it('asks which version to keep when both changed a field, and saves over the new version', async () => {
  const stale = new ApiError(412, 'version.stale', '', [], { current: { name: 'Theirs', note: 'seen', version: 5 } });
  const save = vi.fn<Save>().mockRejectedValueOnce(stale).mockImplementation((_change, all) => answer(all, 6));
  await show(<Sample save={save} />);
  await userEvent.type(screen.getByLabelText('Name'), 'er');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('Theirs')).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Save' }).disabled).toBe(true);
  await userEvent.click(screen.getByRole('button', { name: 'Keep mine' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(save).toHaveBeenLastCalledWith({ name: 'Older' }, { name: 'Older', note: 'seen' }, 5);
});

it('brings a draft back after the page was left by a crash', async () => {
  const draft = { values: { name: 'Typed', note: '' }, base: { name: 'Old', note: '' }, version: 1, at: '2026-11-22T10:00:00Z' };
  sessionStorage.setItem('centrala.draft.nobody.thing.1', JSON.stringify(draft));
  await show(<Sample save={(_change, all) => answer(all, 2)} />);
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Typed');
  const [discard] = screen.getAllByRole('button', { name: 'Discard' });
  if (discard !== undefined) await userEvent.click(discard);
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Old');
  expect(sessionStorage.getItem('centrala.draft.nobody.thing.1')).toBeNull();
});
