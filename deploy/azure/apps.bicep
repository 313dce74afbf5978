// Second of two deployments: the program, as receivers, workers and keepers. Into the resource group of the first one, with
// the same name, when the certificate and the secrets are in the vault (deploy/README.md).
targetScope = 'resourceGroup'

@description('As given to foundation.bicep.')
@minLength(3)
@maxLength(15)
param name string

param location string = resourceGroup().location

@description('The built image (deploy/docker/Dockerfile), with its registry and a tag that is never given to another one.')
param image string

@description('Login server of the registry when its images are not public; the three identities need AcrPull there.')
param registry string = ''

@description('contact-sync.yaml. The placeholders in configuration.yaml are filled in below.')
param configuration string = loadTextContent('configuration.yaml')

@description('buckets in the configuration: more workers than buckets find nothing to do.')
@minValue(1)
@maxValue(1024)
param buckets int = 64

@description('Workers at the most.')
@minValue(1)
@maxValue(64)
param workersAtMost int = 8

resource receiver 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-receiver'
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-worker'
}

resource keeper 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-keeper'
}

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: '${name}-apps'
}

module access 'modules/access.bicep' = {
  name: 'access'
  params: {
    name: name
    clientStatePrincipals: [
      receiver.properties.principalId
      keeper.properties.principalId
    ]
    enginePrincipals: [
      worker.properties.principalId
      keeper.properties.principalId
    ]
  }
}

var host = 'notifications.${environment.properties.defaultDomain}'
var ready = replace(
  replace(configuration, 'filled-in.servicebus.windows.net', '${name}-bus.servicebus.windows.net'),
  'https://filled-in.invalid',
  'https://${host}'
)
var vaulted = replace(ready, 'https://filled-in.vault.azure.net', 'https://${name}-vault.vault.azure.net')

module receivers 'modules/role.bicep' = {
  name: 'receivers'
  params: {
    name: name
    location: location
    role: 'receiver'
    image: image
    registry: registry
    configuration: vaulted
    secrets: [
      'client-state-key'
    ]
    port: 8080
    isPosted: true
    replicas: {
      least: 2
      most: 4
    }
  }
  dependsOn: [
    access
  ]
}

module workers 'modules/role.bicep' = {
  name: 'workers'
  params: {
    name: name
    location: location
    role: 'worker'
    image: image
    registry: registry
    configuration: vaulted
    secrets: [
      'fingerprint-key'
      'ledger-url'
    ]
    port: 8081
    scaledBy: [
      'changes'
      'writes'
    ]
    replicas: {
      // Delayed messages do not count for the scaler, so one is always there to see them become due.
      least: 1
      most: min(workersAtMost, buckets)
    }
  }
  dependsOn: [
    access
  ]
}

module keepers 'modules/role.bicep' = {
  name: 'keepers'
  params: {
    name: name
    location: location
    role: 'keeper'
    image: image
    registry: registry
    configuration: vaulted
    secrets: [
      'client-state-key'
      'fingerprint-key'
      'ledger-url'
    ]
    port: 8081
    replicas: {
      // One works, the other takes over.
      least: 2
      most: 2
    }
  }
  dependsOn: [
    access
  ]
}

// The receiver has no address of its own for the outside; these two paths are all that leads to it.
resource route 'Microsoft.App/managedEnvironments/httpRouteConfigs@2026-01-01' = {
  parent: environment
  name: 'notifications'
  properties: {
    rules: [
      {
        description: 'What Microsoft Graph posts'
        routes: [
          {
            match: {
              path: '/notifications'
              caseSensitive: true
            }
          }
          {
            match: {
              path: '/lifecycle'
              caseSensitive: true
            }
          }
        ]
        targets: [
          {
            containerApp: receivers.outputs.app
          }
        ]
      }
    ]
  }
}

@description('notifications.publicUrl, as the program sees it.')
output publicUrl string = 'https://${host}'
