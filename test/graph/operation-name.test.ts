import { expect, test } from 'vitest';
import { operationName } from '../../src/graph/operation-name.ts';

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

test.each([
  ['POST', 'https://graph.microsoft.com/v1.0/$batch', 'POST /$batch'],
  ['GET', `/users/${ID}?$select=id,displayName`, 'GET /users/{id}'],
  ['GET', `https://graph.microsoft.com/v1.0/users/delta?$deltatoken=abc/def`, 'GET /users/delta'],
  [
    'GET',
    `/users/${ID}/contactFolders/AAMk%2FAD=/contacts?$filter=a eq 'b/c'`,
    'GET /users/{id}/contactFolders/{id}/contacts',
  ],
  ['PUT', `/users/${ID}/contacts/AAMkAD/photo/$value`, 'PUT /users/{id}/contacts/{id}/photo/$value'],
  [
    'POST',
    `/users/${ID}/contactFolders/AAMk/permanentDelete`,
    'POST /users/{id}/contactFolders/{id}/permanentDelete',
  ],
  ['PATCH', '/subscriptions/abc', 'PATCH /subscriptions/{id}'],
  ['GET', '/directory/administrativeUnits/delta', 'GET /directory/administrativeUnits/delta'],
  // Whatever somebody might be called: only the words of Graph that we use come through.
  ['GET', '/users/grethe@fjord.example/manager', 'GET /users/{id}/{id}'],
  ['GET', '/users/Delta', 'GET /users/{id}'],
])('%s %s', (method, url, name) => {
  expect(operationName(method, url)).toBe(name);
});
