//! The queues of the stack from the outside, as an operator handles them.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_sqs::types::QueueAttributeName;

/// The queues of the stack.
pub struct Queues {
    client: Client,
}

impl Queues {
    pub fn new(endpoint: &str) -> Self {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new("emulated", "emulated", None, None, "emulated"));
        Self { client: Client::from_conf(config.build()) }
    }

    /// An attribute of a queue.
    pub async fn attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let request = self.client.get_queue_attributes().queue_url(url).attribute_names(name.clone());
        request.send().await.unwrap().attributes.unwrap().remove(&name).unwrap_or_default()
    }

    /// Sets an attribute of a queue.
    pub async fn set(&self, url: &str, name: QueueAttributeName, value: &str) {
        self.client.set_queue_attributes().queue_url(url).attributes(name, value).send().await.unwrap();
    }

    /// How many messages lie in a queue.
    pub async fn depth(&self, url: &str) -> u32 {
        self.attribute(url, QueueAttributeName::ApproximateNumberOfMessages).await.parse().unwrap()
    }

    /// Sends a message as it is.
    pub async fn send(&self, url: &str, group: &str, name: &str, body: &str) {
        let request = self.client.send_message().queue_url(url).message_body(body);
        request.message_group_id(group).message_deduplication_id(name).send().await.unwrap();
    }

    /// Moves what lies in a dead-letter queue back, message by message: the emulator knows no task that does it.
    pub async fn redrive(&self, dead: &str, back: &str) {
        let request = self.client.receive_message().queue_url(dead).max_number_of_messages(10);
        for one in request.send().await.unwrap().messages.unwrap_or_default() {
            let (id, body) = (one.message_id.unwrap(), one.body.unwrap());
            self.send(back, &format!("redriven-{id}"), &id, &body).await;
            let receipt = one.receipt_handle.unwrap();
            self.client.delete_message().queue_url(dead).receipt_handle(receipt).send().await.unwrap();
        }
    }
}
