import 'i18next';
import type app from './i18n/en.json';
import type audit from '@/features/audit/i18n/en.json';
import type auth from '@/features/auth/i18n/en.json';
import type board from '@/features/board/i18n/en.json';
import type calls from '@/features/calls/i18n/en.json';
import type contacts from '@/features/contacts/i18n/en.json';
import type demo from '@/features/demo/i18n/en.json';
import type dispositions from '@/features/dispositions/i18n/en.json';
import type flows from '@/features/flows/i18n/en.json';
import type home from '@/features/home/i18n/en.json';
import type me from '@/features/me/i18n/en.json';
import type phone from '@/features/phone/i18n/en.json';
import type phones from '@/features/phones/i18n/en.json';
import type people from '@/features/people/i18n/en.json';
import type projects from '@/features/projects/i18n/en.json';
import type queues from '@/features/queues/i18n/en.json';
import type recordings from '@/features/recordings/i18n/en.json';
import type reports from '@/features/reports/i18n/en.json';
import type roles from '@/features/roles/i18n/en.json';
import type selftest from '@/features/selftest/i18n/en.json';
import type system from '@/features/system/i18n/en.json';
import type trunks from '@/features/trunks/i18n/en.json';
import type work from '@/features/work/i18n/en.json';
import type common from '@/shared/i18n/common/en.json';
import type errors from '@/shared/i18n/errors/en.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      app: typeof app;
      audit: typeof audit;
      auth: typeof auth;
      board: typeof board;
      calls: typeof calls;
      common: typeof common;
      contacts: typeof contacts;
      demo: typeof demo;
      dispositions: typeof dispositions;
      errors: typeof errors;
      flows: typeof flows;
      home: typeof home;
      me: typeof me;
      people: typeof people;
      phone: typeof phone;
      phones: typeof phones;
      projects: typeof projects;
      queues: typeof queues;
      recordings: typeof recordings;
      reports: typeof reports;
      roles: typeof roles;
      selftest: typeof selftest;
      system: typeof system;
      trunks: typeof trunks;
      work: typeof work;
    };
  }
}
