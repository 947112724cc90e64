import type { QueryClient } from '@tanstack/react-query';
import { Outlet, createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { loadNamespaces } from '@/shared/i18n';
import { loadSession } from '@/shared/session/load';
import type { Permission } from '@/shared/session/session';
import { readTableSearch } from '@/shared/table/state';
import { CrashPage, MissingPage } from './error-pages';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  errorComponent: CrashPage,
  notFoundComponent: MissingPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw: Record<string, unknown>): { next?: string } =>
    // Only a path of this desk: a link must not lead a signed-in person elsewhere.
    typeof raw.next === 'string' && /^\/(?![/\\])/.test(raw.next) ? { next: raw.next } : {},
  loader: () => loadNamespaces('auth'),
  component: lazyRouteComponent(() => import('@/features/auth/sign-in-page'), 'SignInPage'),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  loader: () => loadNamespaces('auth'),
  component: lazyRouteComponent(() => import('@/features/auth/setup-page'), 'SetupPage'),
});

const desk = createRoute({
  getParentRoute: () => root,
  id: 'desk',
  beforeLoad: async ({ location }) => {
    const session = await loadSession();
    if (session === null) {
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href }, replace: true });
    }
  },
  component: lazyRouteComponent(() => import('./shell/shell'), 'Shell'),
  errorComponent: CrashPage,
});

/** A screen of its own, without navigation and call bar: it hangs on a wall. */
const wallboard = createRoute({
  getParentRoute: () => root,
  path: '/wallboard',
  beforeLoad: async () => {
    if ((await loadSession()) === null) throw redirect({ to: '/sign-in', search: { next: '/wallboard' }, replace: true });
  },
  loader: () => loadNamespaces('board'),
  component: lazyRouteComponent(() => import('@/features/board/wallboard-page'), 'WallboardPage'),
  errorComponent: CrashPage,
});

interface PageOptions<P extends string> {
  readonly path: P;
  /** The folder in features/ whose texts the page needs. */
  readonly texts: string;
  readonly permission?: Permission;
  readonly component: ReturnType<typeof lazyRouteComponent>;
}

function page<P extends string>({ path, texts, permission, component }: PageOptions<P>) {
  return createRoute({
    getParentRoute: () => desk,
    path,
    validateSearch: readTableSearch,
    loader: () => loadNamespaces(texts),
    component,
    staticData: permission === undefined ? {} : { permission },
    errorComponent: CrashPage,
    notFoundComponent: MissingPage,
  });
}

const pages = [
  page({ path: '/work', texts: 'work', permission: 'work.own', component: lazyRouteComponent(() => import('@/features/work/work-page'), 'WorkPage') }),
  page({ path: '/selftest', texts: 'selftest', permission: 'work.own', component: lazyRouteComponent(() => import('@/features/selftest/selftest-page'), 'SelftestPage') }),
  page({ path: '/', texts: 'home', component: lazyRouteComponent(() => import('@/features/home/home-page'), 'HomePage') }),
  page({ path: '/me', texts: 'me', component: lazyRouteComponent(() => import('@/features/me/me-page'), 'MePage') }),
  page({ path: '/board', texts: 'board', permission: 'board.read', component: lazyRouteComponent(() => import('@/features/board/board-page'), 'BoardPage') }),
  page({ path: '/queues', texts: 'queues', permission: 'queues.read', component: lazyRouteComponent(() => import('@/features/queues/queues-page'), 'QueuesPage') }),
  page({ path: '/queues/$id', texts: 'queues', permission: 'queues.read', component: lazyRouteComponent(() => import('@/features/queues/queue-page'), 'QueuePage') }),
  page({ path: '/breaks', texts: 'queues', permission: 'queues.write', component: lazyRouteComponent(() => import('@/features/queues/breaks-page'), 'BreaksPage') }),
  page({ path: '/employees', texts: 'people', permission: 'employees.read', component: lazyRouteComponent(() => import('@/features/people/employees-page'), 'EmployeesPage') }),
  page({ path: '/employees/$id', texts: 'people', permission: 'employees.read', component: lazyRouteComponent(() => import('@/features/people/employee-page'), 'EmployeePage') }),
  page({ path: '/teams', texts: 'people', permission: 'employees.read', component: lazyRouteComponent(() => import('@/features/people/teams-page'), 'TeamsPage') }),
  page({ path: '/skills', texts: 'people', permission: 'employees.read', component: lazyRouteComponent(() => import('@/features/people/skills-page'), 'SkillsPage') }),
  page({ path: '/companies', texts: 'projects', permission: 'companies.read', component: lazyRouteComponent(() => import('@/features/projects/companies-page'), 'CompaniesPage') }),
  page({ path: '/companies/$id', texts: 'projects', permission: 'companies.read', component: lazyRouteComponent(() => import('@/features/projects/company-page'), 'CompanyPage') }),
  page({ path: '/projects', texts: 'projects', permission: 'projects.read', component: lazyRouteComponent(() => import('@/features/projects/projects-page'), 'ProjectsPage') }),
  page({ path: '/projects/$id', texts: 'projects', permission: 'projects.read', component: lazyRouteComponent(() => import('@/features/projects/project-page'), 'ProjectPage') }),
  page({ path: '/calendars', texts: 'projects', permission: 'calendars.read', component: lazyRouteComponent(() => import('@/features/projects/calendars-page'), 'CalendarsPage') }),
  page({ path: '/calendars/$id', texts: 'projects', permission: 'calendars.read', component: lazyRouteComponent(() => import('@/features/projects/calendar-page'), 'CalendarPage') }),
  page({ path: '/calls', texts: 'calls', permission: 'calls.read', component: lazyRouteComponent(() => import('@/features/calls/calls-page'), 'CallsPage') }),
  page({ path: '/calls/live', texts: 'calls', permission: 'calls.read', component: lazyRouteComponent(() => import('@/features/calls/live-page'), 'LiveCallsPage') }),
  page({ path: '/calls/$id', texts: 'calls', permission: 'calls.read', component: lazyRouteComponent(() => import('@/features/calls/call-page'), 'CallPage') }),
  page({ path: '/trunks', texts: 'trunks', permission: 'trunks.read', component: lazyRouteComponent(() => import('@/features/trunks/trunks-page'), 'TrunksPage') }),
  page({ path: '/trunks/$id', texts: 'trunks', permission: 'trunks.read', component: lazyRouteComponent(() => import('@/features/trunks/trunk-page'), 'TrunkPage') }),
  page({ path: '/phones', texts: 'phones', permission: 'phones.read', component: lazyRouteComponent(() => import('@/features/phones/phones-page'), 'PhonesPage') }),
  page({ path: '/dialling', texts: 'trunks', permission: 'dialling.read', component: lazyRouteComponent(() => import('@/features/trunks/dialling-page'), 'DiallingPage') }),
  page({ path: '/contacts', texts: 'contacts', permission: 'interactions.read', component: lazyRouteComponent(() => import('@/features/contacts/contacts-page'), 'ContactsPage') }),
  page({ path: '/contacts/$id', texts: 'contacts', permission: 'interactions.read', component: lazyRouteComponent(() => import('@/features/contacts/contact-page'), 'ContactPage') }),
  page({ path: '/recordings', texts: 'recordings', permission: 'recordings.play', component: lazyRouteComponent(() => import('@/features/recordings/keeping-page'), 'KeepingPage') }),
  page({ path: '/recordings/check', texts: 'recordings', permission: 'recordings.play', component: lazyRouteComponent(() => import('@/features/recordings/check-page'), 'CheckPage') }),
  page({ path: '/dispositions', texts: 'dispositions', permission: 'dispositions.write', component: lazyRouteComponent(() => import('@/features/dispositions/trees-page'), 'TreesPage') }),
  page({ path: '/sip', texts: 'calls', permission: 'trace.read', component: lazyRouteComponent(() => import('@/features/calls/messages-page'), 'MessagesPage') }),
  page({ path: '/reports', texts: 'reports', permission: 'reports.read', component: lazyRouteComponent(() => import('@/features/reports/reports-page'), 'ReportsPage') }),
  page({ path: '/reports/rows', texts: 'reports', permission: 'reports.read', component: lazyRouteComponent(() => import('@/features/reports/rows-page'), 'RowsPage') }),
  page({ path: '/reports/spans', texts: 'reports', permission: 'reports.read', component: lazyRouteComponent(() => import('@/features/reports/spans-page'), 'SpansPage') }),
  page({ path: '/flows', texts: 'flows', permission: 'flows.read', component: lazyRouteComponent(() => import('@/features/flows/flows-page'), 'FlowsPage') }),
  page({ path: '/flows/$id', texts: 'flows', permission: 'flows.read', component: lazyRouteComponent(() => import('@/features/flows/flow-page'), 'FlowPage') }),
  page({ path: '/prompts', texts: 'flows', permission: 'flows.read', component: lazyRouteComponent(() => import('@/features/flows/prompts-page'), 'PromptsPage') }),
  page({ path: '/roles', texts: 'roles', permission: 'roles.read', component: lazyRouteComponent(() => import('@/features/roles/roles-page'), 'RolesPage') }),
  page({ path: '/audit', texts: 'audit', permission: 'audit.read', component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage') }),
  page({ path: '/demo', texts: 'demo', permission: 'phone.own', component: lazyRouteComponent(() => import('@/features/demo/demo-page'), 'DemoPage') }),
  page({ path: '/system', texts: 'system', permission: 'system.read', component: lazyRouteComponent(() => import('@/features/system/system-page'), 'SystemPage') }),
];

const missing = createRoute({ getParentRoute: () => desk, path: '$', component: MissingPage });

const tree = root.addChildren([signIn, setup, wallboard, desk.addChildren([...pages, missing])]);

export function createDeskRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingMs: 1000,
    scrollRestoration: true,
    // Plain query strings: they are read by people, and pasted into chats.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const params = new URLSearchParams();
      for (const [key, value] of Object.entries(search)) {
        if (typeof value === 'string' || typeof value === 'number') params.set(key, String(value));
      }
      const text = params.toString();
      return text === '' ? '' : `?${text}`;
    },
  });
}
