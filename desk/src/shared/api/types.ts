import type { paths } from '@/client/schema';

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never;

/** Body of the 200 answer to GET. */
export type Got<P extends keyof paths> = paths[P] extends { get: { responses: { 200: infer R } } } ? Json<R> : never;
/** One row of a list. */
export type Row<P extends keyof paths> = Got<P> extends { items: (infer T)[] } ? T : Got<P> extends (infer T)[] ? T : never;
/** Body that a POST takes. */
export type Posted<P extends keyof paths> = paths[P] extends { post: { requestBody?: infer R } } ? Json<NonNullable<R>> : never;
/** Body that a PATCH takes. */
export type Patched<P extends keyof paths> = paths[P] extends { patch: { requestBody?: infer R } } ? Json<NonNullable<R>> : never;

export type Session = Got<'/api/session'>;
export type Me = Got<'/api/me'>;
export type ProjectRef = Session['projects'][number];
export type Employee = Got<'/api/employees/{employee_id}'>;
export type Team = Row<'/api/teams'>;
export type Skill = Row<'/api/skills'>;
export type Company = Row<'/api/companies'>;
export type Project = Row<'/api/projects'>;
export type Calendar = Row<'/api/calendars'>;

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  page_size: number;
}
