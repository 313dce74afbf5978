// Who may read which secret, and sign with the certificate's key. Each right is on the one object that it is about, which
// therefore has to be there already.
param name string

@description('Receivers, which read this secret and no other, and keepers, which make the subscriptions with it.')
param clientStatePrincipals string[]

@description('Workers and keepers.')
param enginePrincipals string[]

// learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var cryptoUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '12338af0-0e69-4776-bea7-57ae8d297424'
)

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: '${name}-vault'
}

resource clientStateKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: 'client-state-key'
}

resource fingerprintKey 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: 'fingerprint-key'
}

resource ledgerUrl 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {
  parent: vault
  name: 'ledger-url'
}

// A certificate in a vault is a key of the same name as well.
resource certificateKey 'Microsoft.KeyVault/vaults/keys@2023-07-01' existing = {
  parent: vault
  name: 'contact-sync'
}

resource clientStates 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in clientStatePrincipals: {
    scope: clientStateKey
    name: guid(clientStateKey.id, principal, 'read')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: secretsUser
    }
  }
]

resource fingerprints 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: fingerprintKey
    name: guid(fingerprintKey.id, principal, 'read')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: secretsUser
    }
  }
]

resource ledger 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: ledgerUrl
    name: guid(ledgerUrl.id, principal, 'read')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: secretsUser
    }
  }
]

resource signs 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: certificateKey
    name: guid(certificateKey.id, principal, 'sign')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: cryptoUser
    }
  }
]
