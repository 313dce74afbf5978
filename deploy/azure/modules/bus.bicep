// The two queues, and who may do what with them. Sessions and duplicate detection are chosen when a queue is made, for good.
param name string
param location string

@description('May send to "changes", and nothing else: a stolen receiver can ask for one more look.')
param receiverPrincipal string

@description('Workers and keepers send to both queues and receive from both.')
param enginePrincipals string[]

// learn.microsoft.com/azure/role-based-access-control/built-in-roles/integration
var dataSender = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
)
// Its right to read queues is also what the scaler asks their length with.
var dataReceiver = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
)

// Duplicate detection would lose changes: two looks at one object are not one (deploy/decisions). Deliveries are counted by
// the program, which sets a message aside with its reason; the service's own count is a last resort, far beyond.
var queueProperties = {
  requiresSession: true
  requiresDuplicateDetection: false
  enablePartitioning: false
  lockDuration: 'PT1M'
  maxDeliveryCount: 2000
  defaultMessageTimeToLive: 'P14D'
  deadLetteringOnMessageExpiration: true
  maxSizeInMegabytes: 5120
}

// Standard: sessions, and enough for about 500 messages a second. Premium also has private endpoints.
resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: '${name}-bus'
  location: location
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource changes 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'changes'
  properties: queueProperties
}

resource writes 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
  parent: namespace
  name: 'writes'
  properties: queueProperties
}

resource receiverSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: changes
  name: guid(changes.id, receiverPrincipal, 'send')
  properties: {
    principalId: receiverPrincipal
    principalType: 'ServicePrincipal'
    roleDefinitionId: dataSender
  }
}

resource engineSendsChanges 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: changes
    name: guid(changes.id, principal, 'send')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: dataSender
    }
  }
]

resource engineReceivesChanges 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: changes
    name: guid(changes.id, principal, 'receive')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: dataReceiver
    }
  }
]

resource engineSendsWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: writes
    name: guid(writes.id, principal, 'send')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: dataSender
    }
  }
]

resource engineReceivesWrites 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principal in enginePrincipals: {
    scope: writes
    name: guid(writes.id, principal, 'receive')
    properties: {
      principalId: principal
      principalType: 'ServicePrincipal'
      roleDefinitionId: dataReceiver
    }
  }
]

output host string = '${namespace.name}.servicebus.windows.net'
