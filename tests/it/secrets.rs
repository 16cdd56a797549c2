//! Nothing that notes a secret reaches a line of a snapshot: every secret field that Atlas is known to send, in
//! the shape that it has there, with a value that would be recognised.

use atlas_audit::atlas::endpoints::{Endpoint, Paging};
use atlas_audit::snapshot::Ref;
use atlas_audit::snapshot::section::Section;
use atlas_audit::snapshot::shelf::{Sheet, with_slot};
use atlas_audit::snapshot::tree::Shape;
use serde_json::{Value, json};

/// What a section makes of an answer: its lines, joined.
fn lines(section: Section, body: &Value) -> String {
    let shape = match Endpoint::of(section).paging {
        Paging::Pages | Paging::Envelope => Shape::Results,
        Paging::Array => Shape::Array,
        Paging::Object => Shape::Object,
    };
    let body = match shape {
        Shape::Object => body.to_string(),
        Shape::Array => json!([body]).to_string(),
        Shape::Results => json!({ "results": [body], "totalCount": 1 }).to_string(),
    };
    with_slot(section, |slot| {
        slot.fill(shape, &[body.as_bytes()]).unwrap();
        let sheet = Sheet::of(slot, &Ref::organization("0")).unwrap();
        sheet.0.into_iter().map(|(_, line)| line + "\n").collect()
    })
}

/// Asserts that no canary comes through, and that what is kept on purpose does.
fn drops(section: Section, body: &Value, kept: &[&str]) {
    let lines = lines(section, body);
    assert!(body.to_string().contains("CANARY"), "{section}: nothing to look for");
    assert!(!lines.to_ascii_uppercase().contains("CANARY"), "{section} keeps a secret: {lines}");
    for text in kept {
        assert!(lines.contains(text), "{section} loses {text}: {lines}");
    }
}

#[test]
fn secrets_of_credentials_are_dropped() {
    let api_key = json!({ "id": "k", "publicKey": "abcdefgh", "privateKey": "****CANARY-private", "desc": "ci" });
    drops(Section::ApiKeys, &api_key, &["abcdefgh", "ci"]);
    let secret = json!({ "id": "s", "secret": "CANARY-1", "maskedSecretValue": "CANARY-2", "expiresAt": "2027-01-01T00:00:00Z" });
    let account = json!({ "clientId": "mdb_sa_id_1", "secret": "CANARY-3", "secrets": [secret] });
    drops(Section::ServiceAccounts, &account, &["mdb_sa_id_1", "2027-01-01T00:00:00Z"]);
    drops(Section::ProjectServiceAccounts, &account, &["mdb_sa_id_1"]);
    drops(Section::McpSecrets, &secret, &["2027-01-01T00:00:00Z"]);
    drops(Section::ProjectMcpSecrets, &secret, &["2027-01-01T00:00:00Z"]);
    let config = json!({ "mcpConfigId": "m", "secret": "CANARY-4" });
    drops(Section::McpConfigs, &config, &[]);
    drops(Section::ProjectMcpConfigs, &config, &[]);
    let model = json!({
        "apiKeyId": "a", "secret": "CANARY-5", "maskedSecret": "CANARY-6",
        "endpoint": "https://user:CANARY-7@ai.example.com/v1?key=CANARY-8",
    });
    drops(Section::AiModelApiKeys, &model, &["https://ai.example.com"]);
    let own = json!({ "apiKey": { "id": "k", "privateKey": "CANARY-9" }, "build": "CANARY-10" });
    drops(Section::Credential, &own, &[]);
}

#[test]
fn people_keep_what_a_review_needs_and_no_more() {
    let person = json!({
        "id": "u", "username": "person@example.com", "firstName": "CANARY-1", "lastName": "CANARY-2",
        "mobileNumber": "CANARY-3", "country": "CANARY-4", "password": "CANARY-5",
    });
    for section in [Section::OrganizationUsers, Section::TeamUsers, Section::ProjectUsers] {
        drops(section, &person, &["person@example.com"]);
    }
    let conflict =
        json!({ "userConflicts": [{ "emailAddress": "p@example.com", "firstName": "CANARY", "lastName": "CANARY" }] });
    drops(Section::ConnectedOrganization, &conflict, &["p@example.com"]);
    let policy = json!({
        "state": "ACTIVE", "authorizedEmail": "p@example.com", "authorizedUserFirstName": "CANARY",
        "authorizedUserLastName": "CANARY", "updatedUser": "CANARY",
    });
    drops(Section::BackupCompliancePolicy, &policy, &["p@example.com"]);
}

#[test]
fn integrations_keep_hosts_and_presence() {
    let integration = json!({
        "id": "i", "type": "WEBHOOK", "apiKey": "CANARY-1", "apiToken": "CANARY-2", "serviceKey": "CANARY-3",
        "licenseKey": "CANARY-4", "readToken": "CANARY-5", "writeToken": "CANARY-6", "secret": "CANARY-7",
        "password": "CANARY-8", "routingKey": "CANARY-9", "username": "CANARY-10", "accountId": "CANARY-11",
        "url": "http://user:CANARY-12@hooks.example.com:8080/CANARY-13?token=CANARY-14#CANARY-15",
        "microsoftTeamsWebhookUrl": "https://example.com/CANARY-16", "bodyTemplate": "CANARY-17",
        "headersTemplate": "CANARY-18", "customEndpoint": "https://dd.example.com/CANARY-19",
    });
    let kept = ["\"hasSecret\":true", "\"urlOrigin\":\"http://hooks.example.com:8080\"", "https://dd.example.com\""];
    drops(Section::Integrations, &integration, &kept);
    let logs = json!({
        "id": "l", "type": "SPLUNK_LOG_EXPORT", "apiKey": "CANARY-1", "hecToken": "CANARY-2",
        "hecUrl": "https://splunk.example.com:8088/CANARY-3", "otelEndpoint": "https://otel.example.com/CANARY-4",
        "otelSuppliedHeaders": [{ "name": "authorization", "value": "CANARY-5" }],
    });
    drops(Section::LogIntegrations, &logs, &["splunk.example.com:8088", "otel.example.com", "authorization"]);
    let metrics = json!({
        "metricIntegrationId": "m", "endpoint": "https://user@metrics.example.com/CANARY-1",
        "headersRedacted": [{ "name": "x-key", "value": "CANARY-2" }],
    });
    drops(Section::MetricIntegrations, &metrics, &["https://metrics.example.com", "x-key"]);
}

#[test]
fn notifications_keep_whom_they_reach_and_no_keys() {
    let notification = json!({
        "typeName": "WEBHOOK", "emailAddress": "p@example.com", "username": "q@example.com",
        "datadogApiKey": "CANARY-1", "opsGenieApiKey": "CANARY-2", "serviceKey": "CANARY-3", "apiToken": "CANARY-4",
        "notificationToken": "CANARY-5", "victorOpsApiKey": "CANARY-6", "victorOpsRoutingKey": "CANARY-7",
        "webhookUrl": "https://example.com/CANARY-8", "webhookSecret": "CANARY-9", "webhookBodyTemplate": "CANARY-10",
        "webhookHeadersTemplate": "CANARY-11", "microsoftTeamsWebhookUrl": "https://example.com/CANARY-12",
        "mobileNumber": "CANARY-13", "channelName": "CANARY-14", "roomName": "CANARY-15", "notifierId": "CANARY-16",
    });
    let config = json!({ "id": "a", "notifications": [notification] });
    let kept = [
        "p@example.com",
        "q@example.com",
        "\"hasWebhookUrl\":true",
        "\"hasWebhookSecret\":true",
        "\"hasMobileNumber\":true",
    ];
    drops(Section::AlertConfigs, &config, &kept);
    let alert = json!({ "id": "a", "acknowledgementComment": "CANARY", "acknowledgingUsername": "CANARY", "processorErrorMsg": "CANARY" });
    drops(Section::OpenAlerts, &alert, &[]);
}

#[test]
fn keys_and_directories_keep_presence() {
    let keys = json!({
        "awsKms": { "accessKeyID": "CANARY-1", "secretAccessKey": "CANARY-2", "roleId": "role", "valid": true },
        "azureKeyVault": { "secret": "CANARY-3", "clientID": "client" },
        "googleCloudKms": { "serviceAccountKey": "CANARY-4", "keyVersionResourceID": "projects/p/locations/eu" },
    });
    drops(Section::EncryptionAtRest, &keys, &["\"hasAccessKeyId\":true", "role", "client", "projects/p/locations/eu"]);
    let directory = json!({
        "ldap": {
            "authenticationEnabled": true, "port": 636, "bindPassword": "CANARY-1", "bindUsername": "CANARY-2",
            "hostname": "CANARY-3", "authzQueryTemplate": "CANARY-4", "caCertificate": "-----BEGIN CANARY-5",
            "userToDNMapping": [{ "match": "CANARY-6", "substitution": "CANARY-7", "ldapQuery": "CANARY-8" }],
        },
        "customerX509": { "cas": "-----BEGIN CERTIFICATE-----" },
    });
    drops(Section::UserSecurity, &directory, &["636", "\"hasCaCertificate\":true", "-----BEGIN CERTIFICATE-----"]);
    let access = json!({ "awsIamRoles": [{ "roleId": "r", "atlasAssumedRoleExternalId": "CANARY" }] });
    drops(Section::CloudProviderAccess, &access, &["\"r\""]);
    drops(Section::DatabaseUsers, &json!({ "username": "app", "password": "CANARY" }), &["app"]);
}

#[test]
fn streams_keep_where_data_goes_and_nothing_of_what() {
    let connection = json!({
        "name": "c", "type": "Kafka", "url": "https://u:CANARY-1@hooks.example.com/CANARY-2",
        "authentication": {
            "mechanism": "PLAIN", "username": "CANARY-3", "password": "CANARY-4", "clientId": "CANARY-5",
            "clientSecret": "CANARY-6", "sslKey": "CANARY-7", "sslKeyPassword": "CANARY-8", "sslCertificate": "CANARY-9",
            "tokenEndpointUrl": "https://idp.example.com/CANARY-10", "saslOauthbearerExtensions": "CANARY-11",
        },
        "security": { "protocol": "SASL_SSL", "brokerPublicCertificate": "CANARY-12" },
        "schemaRegistryAuthentication": { "type": "USER_INFO", "username": "CANARY-13", "password": "CANARY-14" },
        "schemaRegistryUrls": ["https://CANARY-15@registry.example.com/CANARY-16"],
        "headers": { "authorization": "CANARY-17" }, "config": { "sasl.jaas.config": "CANARY-18" },
    });
    let kept = [
        "PLAIN",
        "SASL_SSL",
        "authorization",
        "sasl.jaas.config",
        "https://hooks.example.com\"",
        "https://idp.example.com\"",
        "https://registry.example.com\"",
        "USER_INFO",
    ];
    drops(Section::StreamConnections, &connection, &kept);
    drops(Section::StreamWorkspaces, &json!({ "name": "w", "connections": [{ "name": "CANARY" }] }), &["\"w\""]);
    let processor = json!({
        "name": "p", "stats": { "CANARY": 1 }, "options": { "dlq": { "connectionName": "d", "db": "b", "coll": "x" } },
        "pipeline": [
            { "$source": { "connectionName": "in", "documents": ["CANARY-1"], "config": { "group.id": "CANARY-2" } } },
            { "$match": { "card": "CANARY-3" } },
            { "$addFields": { "connectionName": { "$literal": "CANARY-4" } } },
            { "$https": { "connectionName": "api", "path": "/CANARY-5", "headers": { "k": "CANARY-6" } } },
            { "$merge": { "into": { "connectionName": "out", "db": "shop", "coll": { "$literal": "CANARY-7" } } } },
        ],
    });
    drops(Section::StreamProcessors, &processor, &["$match", "\"in\"", "\"api\"", "\"out\"", "\"shop\"", "\"d\""]);
}

#[test]
fn history_keeps_no_links_and_no_log_lines() {
    let job = json!({
        "id": "j", "deliveryType": "download", "deliveryUrl": ["https://CANARY-1"], "snapshotUrl": "https://CANARY-2",
        "components": [{ "downloadUrl": "https://CANARY-3", "privateDownloadDeliveryUrls": [{ "deliveryUrl": "CANARY-4" }] }],
        "privateDownloadDeliveryUrls": [{ "deliveryUrl": "https://CANARY-5" }],
    });
    drops(Section::RestoreJobs, &job, &["download"]);
    drops(Section::FlexSnapshots, &json!({ "id": "s", "snapshotUrl": "https://CANARY" }), &["\"s\""]);
    let login = json!({ "accessLogs": [{
        "username": "app", "ipAddress": "192.0.2.7", "authResult": false, "failureReason": "AuthenticationFailed",
        "logLine": "CANARY-1", "hostname": "CANARY-2", "timestamp": "Tue Jun 08 15:49:25 GMT 2021",
    }] });
    drops(Section::AccessHistory, &login, &["app", "192.0.2.7", "AuthenticationFailed", "2021-06-08T15:49:25Z"]);
    let event =
        json!({ "id": "e", "raw": { "CANARY": "CANARY" }, "description": "CANARY", "remoteAddress": "192.0.2.7" });
    drops(Section::ProjectEvents, &event, &["192.0.2.7"]);
    drops(Section::OrganizationEvents, &event, &["192.0.2.7"]);
}

#[test]
fn storage_keeps_hosts() {
    let database = json!({
        "name": "f", "cloudProviderConfig": { "aws": { "roleId": "r", "externalId": "CANARY-1", "testS3Bucket": "CANARY-2" } },
        "storage": {
            "stores": [{ "name": "s", "provider": "http", "allowInsecure": true, "urls": ["http://x:CANARY-3@h.example.com/CANARY-4?sig=CANARY-5"],
                "serviceURL": "https://acct.blob.example.com/?sig=CANARY-6" }],
            "databases": [{ "name": "d", "views": [{ "pipeline": "CANARY-7" }],
                "collections": [{ "name": "c", "dataSources": [{ "storeName": "s", "path": "/CANARY-8", "urls": ["https://h.example.com/CANARY-9"] }] }] }],
        },
    });
    drops(
        Section::FederatedDatabases,
        &database,
        &["http://h.example.com", "https://acct.blob.example.com\"", "\"allowInsecure\":true"],
    );
    let bucket = json!({ "_id": "b", "bucketName": "n", "serviceUrl": "https://acct.blob.example.com/?sig=CANARY" });
    drops(Section::ExportBuckets, &bucket, &["https://acct.blob.example.com\""]);
    let archive = json!({ "_id": "a", "dbName": "d", "criteria": { "type": "CUSTOM", "query": "CANARY" } });
    drops(Section::OnlineArchives, &archive, &["CUSTOM"]);
}
