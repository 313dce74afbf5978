import { expect, test } from 'vitest';
import { contactsPath, ownerOfContacts, plainPath } from '../../src/model/contact-path.ts';
import { folderId, isStanding, standingFolder } from '../../src/model/standing.ts';

const ADA = 'bbbbbbbb-1111-4222-8333-000000000001';

test('a path leads to the contacts of a mailbox, or of one folder of it', () => {
  const paths = [contactsPath(ADA, null), contactsPath(ADA, 'AQMk=')];
  expect(paths).toEqual([`users/${ADA}/contacts`, `users/${ADA}/contactFolders/AQMk=/contacts`]);
  expect([...paths, `/Users/${ADA}/Contacts/AAk=`].map(ownerOfContacts)).toEqual([ADA, ADA, ADA]);
  const others = [
    'users',
    'groups',
    `users/${ADA}`,
    `users/${ADA}/contactFolders`,
    'users//contacts',
    'contacts/x',
  ];
  expect(others.map(ownerOfContacts)).toEqual(others.map(() => null));
});

test('the case of a folder id counts, that of nothing else does', () => {
  expect(plainPath('/Users')).toBe(plainPath('users'));
  expect(plainPath(`/Users/${ADA.toUpperCase()}/Contacts`)).toBe(plainPath(`users/${ADA}/contacts`));
  const folder = contactsPath(ADA, 'AQMk=');
  expect(plainPath(`/users/${ADA.toUpperCase()}/ContactFolders/AQMk=/Contacts`)).toBe(plainPath(folder));
  expect(plainPath(contactsPath(ADA, 'AQmk='))).not.toBe(plainPath(folder));
});

test('a folder that was there before us is told apart, and keeps its id', () => {
  const folders = [standingFolder('AQMk='), standingFolder(''), 'AQMk='];
  expect(folders.map(isStanding)).toEqual([true, true, false]);
  expect(folders.map(folderId)).toEqual(['AQMk=', '', 'AQMk=']);
});
