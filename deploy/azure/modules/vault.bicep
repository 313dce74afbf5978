// The certificate of the app registration, and the secrets. Nobody reads a private key here: the vault signs with it.
param name string
param location string

@description('Workers and keepers: they speak to Microsoft Graph.')
param enginePrincipals string[]

// learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
// Metadata and the public part of certificates; no secret and no key.
var vaultReader = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '21090545-7ca7-4776-b22c-e363652d74d2'
)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: '${name}-vault'
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Enabled'
  }
}

resource engineReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: vault
    name: guid(vault.id, principal, 'read')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: vaultReader
    }
  }
]

output uri string = vault.properties.vaultUri
