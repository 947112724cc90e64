import type { Row } from '@/shared/api/types';

export type Prompt = Row<'/api/prompts'>;
export type Sentence = Row<'/api/prompts/sentences'>;
