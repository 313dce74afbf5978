import { NO_ID } from '../kit/config/no-id.ts';
import { MAIN_PERMISSIONS } from '../run/permissions.ts';

interface Registering {
  readonly tenantId: string;
  readonly crt: string;
  readonly pem: string;
}

/** Microsoft Graph, in every tenant. */
const GRAPH = '00000003-0000-0000-c000-000000000000';
const NAMES = MAIN_PERMISSIONS.map(({ name }) => name);

/** How the app is registered: one of three ways, each whole. */
export function registrationSteps({ tenantId, crt, pem }: Registering): string {
  const tenant = tenantId === NO_ID ? '<tenantId>' : tenantId;
  return `REGISTER THE APP, in one of three ways, as an administrator who may consent for the organisation

Three application permissions of Microsoft Graph, and why:
${MAIN_PERMISSIONS.map(({ name, why }) => `  ${name.padEnd(20)} ${why}`).join('\n')}

A) In the Entra admin center (https://entra.microsoft.com)
  1. App registrations, New registration: name contact-sync, single tenant, no redirect URI.
     Its overview shows tenantId (Directory (tenant) ID) and clientId (Application (client) ID).
  2. Certificates & secrets, Certificates, Upload certificate: ${crt}, never ${pem}.
  3. API permissions, Add a permission, Microsoft Graph, Application permissions (not delegated ones):
     tick the three above, Add permissions.
  4. Grant admin consent. Each of the three now says "Granted".

B) With the Azure CLI, in the folder of ${crt}
  az login --tenant ${tenant} --allow-no-subscriptions
  app=$(az ad app create --display-name contact-sync --sign-in-audience AzureADMyOrg --query appId --output tsv)
  az ad sp create --id "$app"
  az ad app credential reset --id "$app" --cert @${crt} --append
  az ad app permission add --id "$app" --api ${GRAPH} --api-permissions \\
    ${MAIN_PERMISSIONS.map(({ id }) => `${id}=Role`).join(' \\\n    ')}
  az ad app permission admin-consent --id "$app"
  echo "clientId: $app"

C) With PowerShell and the module Microsoft.Graph, in the folder of ${crt}
  Connect-MgGraph -TenantId ${tenant} -Scopes Application.ReadWrite.All, AppRoleAssignment.ReadWrite.All
  $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new("$PWD/${crt}")
  $app = New-MgApplication -DisplayName contact-sync -SignInAudience AzureADMyOrg -KeyCredentials @(
    @{ Type = 'AsymmetricX509Cert'; Usage = 'Verify'; Key = $certificate.RawData })
  $principal = New-MgServicePrincipal -AppId $app.AppId
  $graph = Get-MgServicePrincipal -Filter "appId eq '${GRAPH}'"
  foreach ($name in ${NAMES.map((name) => `'${name}'`).join(', ')}) {
    $role = $graph.AppRoles | Where-Object { $_.Value -eq $name -and $_.AllowedMemberTypes -contains 'Application' }
    New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $principal.Id -PrincipalId $principal.Id \`
      -ResourceId $graph.Id -AppRoleId $role.Id
  }
  "clientId: $($app.AppId)"

LIMIT THE MAILBOXES, if the app shall not reach all of them (RBAC for Applications, in Exchange Online PowerShell)
  1. Leave Contacts.ReadWrite out above: grants add up, and one for the whole tenant defeats the limit.
  2. Connect-ExchangeOnline
     New-ServicePrincipal -AppId <clientId> -ObjectId <Object ID of the enterprise app>
     New-ManagementScope -Name "Contact sync" -RecipientRestrictionFilter "MemberOfGroup -eq '<DN of the group>'"
     New-ManagementRoleAssignment -App <clientId> -Role "Application Contacts.ReadWrite" -CustomResourceScope "Contact sync"
  3. Test-ServicePrincipalAuthorization -Identity <clientId> -Resource <a mailbox>   # takes up to 2 hours
  Let "target" name the same mailboxes.

These commands were not run by us: read what each answers. More in deploy/permissions.md.

THEN
  contact-sync plan      # what would be written; writes nothing
  contact-sync doctor    # every precondition, and what to do where one fails
`;
}
