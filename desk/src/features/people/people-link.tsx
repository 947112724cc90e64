import { Link } from '@tanstack/react-router';
import { useFormat } from '@/shared/i18n/format';
import type { TableSearch } from '@/shared/table/state';

/** From a number to the people behind it. */
export function PeopleLink({ count, search }: { readonly count: number; readonly search: TableSearch }) {
  const format = useFormat();
  if (count === 0) return format.number(0);
  return (
    <Link to="/employees" search={search}>
      {format.number(count)}
    </Link>
  );
}
