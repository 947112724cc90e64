import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ApiError } from '@/shared/api/problem';
import { ConfirmRegion } from '@/shared/feedback/confirm';
import { ToastRegion } from '@/shared/feedback/toast-region';
import type { Permission } from '@/shared/session/session';
import { createDeskRouter } from './router';
import { theme } from './theme';

const RETRIES = 2;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays a refusal; only a server that did not answer, or said "later", is asked again.
      retry: (failures, error) => error instanceof ApiError && [0, 502, 503, 504].includes(error.status) && failures < RETRIES,
      retryDelay: (attempt) => Math.min(4000, 500 * 2 ** attempt),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

const router = createDeskRouter(client);
const colorScheme = localStorageColorSchemeManager({ key: 'centrala.theme' });

export function App() {
  return (
    <MantineProvider theme={theme} colorSchemeManager={colorScheme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <ConfirmRegion />
        <ToastRegion />
      </QueryClientProvider>
    </MantineProvider>
  );
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDeskRouter>;
  }
  interface StaticDataRouteOption {
    /** Without it the page is for everybody who is signed in. */
    permission?: Permission;
  }
}
