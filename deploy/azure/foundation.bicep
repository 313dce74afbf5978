// First of two deployments: everything but the program. Between the two, a person puts the certificate and three secrets
// into the vault (deploy/README.md). Into one resource group of its own.
targetScope = 'resourceGroup'

@description('Begins every name. Some of them are unique in the world: choose one of yours.')
@minLength(3)
@maxLength(15)
param name string

param location string = resourceGroup().location

@description('Signs in to PostgreSQL; its password goes into the secret ledger-url.')
param databaseLogin string = 'contact_sync'

@secure()
@minLength(20)
param databasePassword string

@description('Enabled while the ledger is reached by password. Entra sign-in, for people, is always on.')
@allowed(['Enabled', 'Disabled'])
param databasePasswords string = 'Enabled'

@description('Who may administer PostgreSQL with an Entra account: object id, display name, User or Group.')
param databaseAdministrators databaseAdministrator[] = []

@description('Zone-redundant PostgreSQL; takes a tier above Burstable.')
param highlyAvailable bool = false

type databaseAdministrator = {
  objectId: string
  name: string
  kind: 'User' | 'Group'
}

// Three, since each may do something else; workers and keepers may do the same, and are told apart in logs.
resource receiver 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-receiver'
  location: location
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-worker'
  location: location
}

resource keeper 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-keeper'
  location: location
}

module network 'modules/network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
  }
}

module bus 'modules/bus.bicep' = {
  name: 'bus'
  params: {
    name: name
    location: location
    receiverPrincipal: receiver.properties.principalId
    enginePrincipals: [
      worker.properties.principalId
      keeper.properties.principalId
    ]
  }
}

module database 'modules/database.bicep' = {
  name: 'database'
  params: {
    name: name
    location: location
    login: databaseLogin
    password: databasePassword
    passwords: databasePasswords
    administrators: databaseAdministrators
    highlyAvailable: highlyAvailable
    subnet: network.outputs.databaseSubnet
    zone: network.outputs.databaseZone
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: name
    location: location
    enginePrincipals: [
      worker.properties.principalId
      keeper.properties.principalId
    ]
  }
}

module environment 'modules/environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    subnet: network.outputs.appsSubnet
  }
}

@description('queue.serviceBus.namespace of the configuration.')
output namespaceHost string = bus.outputs.host
@description('keyVault.vault of the credential.')
output vaultUri string = vault.outputs.uri
@description('Behind the @ in ledger-url.')
output databaseHost string = database.outputs.host
