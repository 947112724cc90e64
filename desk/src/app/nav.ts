import {
  IconActivity,
  IconBuilding,
  IconCalendarTime,
  IconCertificate,
  IconCoffee,
  IconHeadset,
  IconHistory,
  IconHome,
  IconLayoutDashboard,
  IconListDetails,
  IconMicrophone,
  IconPhone,
  IconPhoneCall,
  IconRouteAltLeft,
  IconServer2,
  IconShieldCheck,
  IconShieldLock,
  IconStack2,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';

/** Where a person can go. Order and groups of the navigation; the palette and the shortcuts use the same list. */
export const NAV = [
  { group: 'work', id: 'home', to: '/', icon: IconHome, keys: 'g h', permission: null },
  { group: 'work', id: 'work', to: '/work', icon: IconHeadset, keys: 'g w', permission: 'work.own' },
  { group: 'work', id: 'selftest', to: '/selftest', icon: IconMicrophone, keys: 'g m', permission: 'work.own' },
  { group: 'centre', id: 'board', to: '/board', icon: IconLayoutDashboard, keys: 'g b', permission: 'board.read' },
  { group: 'centre', id: 'queues', to: '/queues', icon: IconStack2, keys: 'g q', permission: 'queues.read' },
  { group: 'centre', id: 'breaks', to: '/breaks', icon: IconCoffee, keys: 'g u', permission: 'queues.write' },
  { group: 'people', id: 'employees', to: '/employees', icon: IconUsers, keys: 'g e', permission: 'employees.read' },
  { group: 'people', id: 'teams', to: '/teams', icon: IconUsersGroup, keys: 'g t', permission: 'employees.read' },
  { group: 'people', id: 'skills', to: '/skills', icon: IconCertificate, keys: 'g k', permission: 'employees.read' },
  { group: 'clients', id: 'companies', to: '/companies', icon: IconBuilding, keys: 'g c', permission: 'companies.read' },
  { group: 'clients', id: 'projects', to: '/projects', icon: IconPhoneCall, keys: 'g p', permission: 'projects.read' },
  { group: 'clients', id: 'calendars', to: '/calendars', icon: IconCalendarTime, keys: 'g l', permission: 'calendars.read' },
  { group: 'telephony', id: 'live', to: '/calls/live', icon: IconActivity, keys: 'g i', permission: 'calls.read' },
  { group: 'telephony', id: 'calls', to: '/calls', icon: IconListDetails, keys: 'g v', permission: 'calls.read' },
  { group: 'telephony', id: 'trunks', to: '/trunks', icon: IconRouteAltLeft, keys: 'g n', permission: 'trunks.read' },
  { group: 'telephony', id: 'phones', to: '/phones', icon: IconPhone, keys: 'g o', permission: 'phones.read' },
  { group: 'telephony', id: 'dialling', to: '/dialling', icon: IconShieldCheck, keys: 'g d', permission: 'dialling.read' },
  { group: 'control', id: 'roles', to: '/roles', icon: IconShieldLock, keys: 'g r', permission: 'roles.read' },
  { group: 'control', id: 'audit', to: '/audit', icon: IconHistory, keys: 'g a', permission: 'audit.read' },
  { group: 'control', id: 'system', to: '/system', icon: IconServer2, keys: 'g s', permission: 'system.read' },
] as const;

export type NavItem = (typeof NAV)[number];
export const GROUPS = ['work', 'centre', 'people', 'clients', 'telephony', 'control'] as const;
