// The ledger. Reached inside the network only, by TLS 1.2 and newer.
param name string
param location string
param login string
@secure()
param password string
param passwords string
param administrators object[]
param highlyAvailable bool
param subnet string
param zone string

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-ledger'
  location: location
  sku: {
    name: highlyAvailable ? 'Standard_D2ds_v5' : 'Standard_B2s'
    tier: highlyAvailable ? 'GeneralPurpose' : 'Burstable'
  }
  properties: {
    version: '16'
    administratorLogin: login
    administratorLoginPassword: password
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: passwords
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: 32
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: 14
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: highlyAvailable ? 'ZoneRedundant' : 'Disabled'
    }
    network: {
      delegatedSubnetResourceId: subnet
      privateDnsZoneArmResourceId: zone
      publicNetworkAccess: 'Disabled'
    }
  }
}

resource ledger 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'contact_sync'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
}

// One setting at a time: the server restarts its own work for each.
resource secured 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'require_secure_transport'
  properties: {
    source: 'user-override'
    value: 'ON'
  }
  dependsOn: [
    ledger
  ]
}

resource protocol 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'ssl_min_protocol_version'
  properties: {
    source: 'user-override'
    value: 'TLSv1.2'
  }
  dependsOn: [
    secured
  ]
}

@batchSize(1)
resource administrator 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2024-08-01' = [
  for one in administrators: {
    parent: server
    name: one.objectId
    properties: {
      principalName: one.name
      principalType: one.kind
      tenantId: tenant().tenantId
    }
    dependsOn: [
      protocol
    ]
  }
]

output host string = server.properties.fullyQualifiedDomainName
