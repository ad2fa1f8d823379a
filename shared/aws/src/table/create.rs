//! Creating the table: keys, the one index, expiry.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};
use ports::{ErrorKind, PortError, Result};

use super::error::{code, read, refused};
use super::{Pause, Table};

const OP: &str = "table.create";

impl Table {
    /// Creates the table with its index and its expiry, and waits until it can be used. Calling it again
    /// changes nothing.
    ///
    /// # Errors
    /// As every call to the table; [`ErrorKind::Unavailable`] if the table is not ready in a few seconds.
    pub async fn create(&self) -> Result<()> {
        let attribute = |name: &str| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
        };
        let part = |name: &str, kind: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
        };
        let unbuilt = |_| refused(OP, "the request could not be built");
        let index = GlobalSecondaryIndex::builder()
            .index_name(super::query::INDEX)
            .key_schema(part("g1pk", KeyType::Hash).map_err(unbuilt)?)
            .key_schema(part("g1sk", KeyType::Range).map_err(unbuilt)?)
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(unbuilt)?;
        let mut request = self
            .client
            .create_table()
            .table_name(&*self.name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(part("pk", KeyType::Hash).map_err(unbuilt)?)
            .key_schema(part("sk", KeyType::Range).map_err(unbuilt)?)
            .global_secondary_indexes(index);
        for name in ["pk", "sk", "g1pk", "g1sk"] {
            request = request.attribute_definitions(attribute(name).map_err(unbuilt)?);
        }
        match request.send().await {
            Ok(_) => {}
            Err(error) if code(&error) == Some("ResourceInUseException") => {}
            Err(error) => return Err(read(OP, &error)),
        }
        self.wait_until_ready().await?;
        self.switch_expiry_on().await
    }

    async fn wait_until_ready(&self) -> Result<()> {
        for _ in 0..8 {
            let mut pause = Pause::default();
            loop {
                let answer = self
                    .client
                    .describe_table()
                    .table_name(&*self.name)
                    .send()
                    .await
                    .map_err(|error| read(OP, &error))?;
                if answer.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
                    return Ok(());
                }
                if !pause.again().await {
                    break;
                }
            }
        }
        Err(PortError::new(ErrorKind::Unavailable, OP, "the table is not ready yet: try again in a minute"))
    }

    async fn switch_expiry_on(&self) -> Result<()> {
        let now = self
            .client
            .describe_time_to_live()
            .table_name(&*self.name)
            .send()
            .await
            .map_err(|error| read(OP, &error))?;
        let status = now.time_to_live_description.and_then(|description| description.time_to_live_status);
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(());
        }
        let expiry = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name("expires")
            .build()
            .map_err(|_| refused(OP, "the request could not be built"))?;
        self.client
            .update_time_to_live()
            .table_name(&*self.name)
            .time_to_live_specification(expiry)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| read(OP, &error))
    }
}
