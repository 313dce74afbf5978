import type { Answers } from './init-answers.ts';
import { KEY_FILE, namesOf } from './init-files.ts';

/** `contact-sync.yaml` for these answers. A text in quotes as JSON writes it is YAML, whatever is in it. */
export function configurationText({
  name,
  tenantId,
  clientId,
  group,
  folder,
  publicUrl,
  cloud,
}: Answers): string {
  const host = JSON.stringify(cloud);
  const where = cloud?.includes('://') ? `{ login: ${host}, graph: ${host} }` : host;
  return `# Every key with its default: deploy/contact-sync.example.yaml
tenants:
  ${name}:
    tenantId: ${JSON.stringify(tenantId)} # Directory (tenant) ID
    clientId: ${JSON.stringify(clientId)} # Application (client) ID
${cloud === null ? '' : `    cloud: ${where}\n`}    credential: { certificate: ./${namesOf(name).pem} }
${publicUrl === null ? WITHOUT_NOTIFICATIONS : notifications(publicUrl)}jobs:
  staff: # never changes: another id is another job
    kind: directory
    tenant: ${name}
    source: { groups: [${JSON.stringify(group)}] } # who is shown: Object ID of the group
    target: { mailboxes: licensed, first: 3 } # begin small; without "first", every licensed mailbox
    folder: ${JSON.stringify(folder)}
data: ./data
`;
}

const WITHOUT_NOTIFICATIONS = `# notifications: # once Microsoft Graph can reach this machine by https
#   publicUrl: https://sync.contoso.com
#   clientStateKey: env:CONTACT_SYNC_CLIENT_STATE_KEY
`;

function notifications(publicUrl: string): string {
  return `notifications:
  publicUrl: ${JSON.stringify(publicUrl)}
  listen: 127.0.0.1:8080 # behind a proxy
  clientStateKey: file:./${KEY_FILE}
`;
}
