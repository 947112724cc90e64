import type { paths } from '@/client/schema';
import type { Row } from '@/shared/api/types';

export type Phone = Row<'/api/phones'>;
export type NewPhone = paths['/api/phones']['post']['responses'][201]['content']['application/json'];
export type Provisioning = NewPhone['provisioning'];
