//! The table over a restart.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use tempfile::TempDir;

use super::*;

async fn create(client: &Client) {
    let key = AttributeDefinition::builder().attribute_name("pk").attribute_type(ScalarAttributeType::S);
    let schema = KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash);
    client
        .create_table()
        .table_name("things")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(key.build().unwrap())
        .key_schema(schema.build().unwrap())
        .send()
        .await
        .unwrap();
}

async fn put(client: &Client, name: &str) {
    client
        .put_item()
        .table_name("things")
        .item("pk", AttributeValue::S(name.to_owned()))
        .send()
        .await
        .unwrap();
}

async fn is_there(client: &Client, name: &str) -> bool {
    let key = AttributeValue::S(name.to_owned());
    let answer = client.get_item().table_name("things").key("pk", key).consistent_read(true).send().await;
    answer.unwrap().item.is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_is_there_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let table = Dynamo::start(Keep::Folder(folder.path())).await.unwrap();
    create(&table.client()).await;
    let mut writes = Vec::new();
    for number in 0..40 {
        let client = table.client();
        writes.push(tokio::spawn(async move { put(&client, &number.to_string()).await }));
    }
    for write in writes {
        write.await.unwrap();
    }
    assert!(table.endpoint().starts_with("http://127.0.0.1:"));
    table.stop().await.unwrap();
    let table = Dynamo::start(Keep::Folder(folder.path())).await.unwrap();
    for number in 0..40 {
        assert!(is_there(&table.client(), &number.to_string()).await, "{number}");
    }
    assert!(!is_there(&table.client(), "40").await);
}

#[tokio::test]
async fn a_copy_of_the_files_taken_after_an_answer_holds_the_write() {
    let (folder, copy) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let table = Dynamo::start(Keep::Folder(folder.path())).await.unwrap();
    create(&table.client()).await;
    put(&table.client(), "one").await;
    for name in ["table.db", "table.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let table = Dynamo::start(Keep::Folder(copy.path())).await.unwrap();
    assert!(is_there(&table.client(), "one").await);
}

#[tokio::test]
async fn a_table_in_memory_is_gone_with_its_program() {
    let table = Dynamo::start(Keep::Memory).await.unwrap();
    create(&table.client()).await;
    put(&table.client(), "one").await;
    assert!(is_there(&table.client(), "one").await);
    table.stop().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_table_is_refused() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("table.db"), "this is no database, whatever its name says".repeat(50))
        .unwrap();
    assert!(matches!(Dynamo::start(Keep::Folder(folder.path())).await, Err(DynamoError::Database(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_expired_is_taken_out_and_nothing_else() {
    let table = Dynamo::start(Keep::Memory).await.unwrap();
    let client = table.client();
    create(&client).await;
    let expiry = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder()
        .attribute_name("expires")
        .enabled(true)
        .build()
        .unwrap();
    client
        .update_time_to_live()
        .table_name("things")
        .time_to_live_specification(expiry)
        .send()
        .await
        .unwrap();
    for (name, expires) in [("old", Some("1000000000")), ("young", Some("9999999999")), ("ever", None)] {
        let put = client.put_item().table_name("things").item("pk", AttributeValue::S(name.to_owned()));
        let put = match expires {
            Some(at) => put.item("expires", AttributeValue::N(at.to_owned())),
            None => put,
        };
        put.send().await.unwrap();
    }
    assert_eq!(table.broom().sweep().await.unwrap(), 1);
    assert!(!is_there(&client, "old").await);
    assert!(is_there(&client, "young").await && is_there(&client, "ever").await);
    assert_eq!(table.broom().sweep().await.unwrap(), 0);
    table.stop().await.unwrap();
}
