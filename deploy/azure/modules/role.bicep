// One container app: a role of the program.
param name string
param location string

@allowed(['receiver', 'worker', 'keeper'])
param role string
param image string
param registry string
param configuration string

@description('Names in the vault; in the environment they are CLIENT_STATE_KEY for client-state-key and so on.')
param secrets string[]

@description('Where the role answers /healthz and /readyz.')
param port int

@description('Whether the environment passes requests on to it.')
param isPosted bool = false

@description('Queues whose length decides about the number of replicas.')
param scaledBy string[] = []
param replicas { least: int, most: int }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-${role}'
}

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: '${name}-apps'
}

var vaultSecrets = [
  for secret in secrets: {
    name: secret
    keyVaultUrl: 'https://${name}-vault${az.environment().suffixes.keyvaultDns}/secrets/${secret}'
    identity: identity.id
  }
]

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: '${name}-${role}'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      // Internal: only the environment's route leads to it (apps.bicep).
      ingress: isPosted
        ? {
            external: false
            targetPort: port
            transport: 'http'
            allowInsecure: false
          }
        : null
      registries: empty(registry)
        ? []
        : [
            {
              server: registry
              identity: identity.id
            }
          ]
      secrets: concat(vaultSecrets, [
        {
          // Holds no secret; mounted as a file, as Container Apps mounts nothing else without a storage account.
          name: 'configuration'
          value: replace(configuration, '00000000-0000-0000-0000-000000000000', identity.properties.clientId)
        }
      ])
    }
    template: {
      terminationGracePeriodSeconds: 90
      containers: [
        {
          name: role
          image: image
          args: [
            'run'
            '--role'
            role
          ]
          env: [
            for secret in secrets: {
              name: toUpper(replace(secret, '-', '_'))
              secretRef: secret
            }
          ]
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 2
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 15
              timeoutSeconds: 3
              failureThreshold: 4
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: port
              }
              periodSeconds: 5
              timeoutSeconds: 3
              failureThreshold: 3
            }
          ]
          volumeMounts: [
            {
              volumeName: 'configuration'
              mountPath: '/config'
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'configuration'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'configuration'
              path: 'contact-sync.yaml'
            }
          ]
        }
      ]
      scale: {
        minReplicas: replicas.least
        maxReplicas: replicas.most
        pollingInterval: 15
        cooldownPeriod: 300
        // KEDA counts messages that are due, also those of sessions that a worker holds (keda.sh/docs/scalers/azure-service-bus).
        rules: [
          for queue in scaledBy: {
            name: queue
            custom: {
              type: 'azure-servicebus'
              metadata: {
                namespace: '${name}-bus'
                queueName: queue
                messageCount: '100'
              }
              identity: identity.id
            }
          }
        ]
      }
    }
  }
}

output app string = app.name
