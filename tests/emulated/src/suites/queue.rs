//! The queue's suite over SQS: the port sends, the service's own client receives.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use conformance::queue::{Counter, InHand};
use domain::message::Message;
use ports::Queue;

use crate::{Emulator, REGION};

const MOST: u32 = 3;
const VISIBILITY: Duration = Duration::from_secs(4);

/// A FIFO queue that was just made.
pub struct Made {
    client: Client,
    /// Where to send.
    pub url: String,
    /// Its name for other services.
    pub arn: String,
}

impl Made {
    /// Makes a queue of this name, with these attributes beside those that make it FIFO.
    pub async fn make(at: &Emulator, name: &str, attributes: &[(QueueAttributeName, String)]) -> Self {
        let credentials = Credentials::new("emulated", "emulated", None, None, "emulated");
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(&at.endpoint)
            .credentials_provider(credentials);
        let client = Client::from_conf(config.build());
        let mut request = client.create_queue().queue_name(format!("{}-{name}.fifo", at.run));
        request = request.attributes(QueueAttributeName::FifoQueue, "true");
        for (key, value) in attributes {
            request = request.attributes(key.clone(), value);
        }
        let url = request.send().await.unwrap().queue_url.unwrap();
        let asked =
            client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
        let arn =
            asked.send().await.unwrap().attributes.unwrap().remove(&QueueAttributeName::QueueArn).unwrap();
        Self { client, url, arn }
    }

    /// Takes what can be taken, at most `max`, waiting for at most so many seconds.
    pub async fn take(&self, max: usize, seconds: i32) -> Vec<InHand> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(max).unwrap())
            .wait_time_seconds(seconds)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .send()
            .await
            .unwrap();
        let in_hand = |one: aws_sdk_sqs::types::Message| InHand {
            message: serde_json::from_str(one.body().unwrap()).unwrap(),
            count: one.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount]
                .parse()
                .unwrap(),
            receipt: one.receipt_handle.unwrap(),
        };
        answer.messages.unwrap_or_default().into_iter().map(in_hand).collect()
    }

    async fn ack(&self, receipt: &str) {
        self.client.delete_message().queue_url(&self.url).receipt_handle(receipt).send().await.unwrap();
    }
}

struct Sqs {
    port: aws::FifoQueue,
    made: Made,
    dead: Made,
}

#[async_trait]
impl Counter for Sqs {
    fn queue(&self) -> &dyn Queue {
        &self.port
    }

    async fn take(&self, max: usize) -> Vec<InHand> {
        self.made.take(max, 0).await
    }

    async fn ack(&self, receipt: &str) {
        self.made.ack(receipt).await;
    }

    /// The time of somebody else's service cannot be moved by hand.
    async fn lapse(&self) {
        tokio::time::sleep(VISIBILITY + Duration::from_millis(300)).await;
    }

    async fn dead(&self) -> Vec<Message> {
        self.dead.take(10, 5).await.into_iter().map(|one| one.message).collect()
    }

    fn most(&self) -> u32 {
        MOST
    }
}

/// Runs the suite on a queue with a dead-letter queue.
pub async fn suite(at: &Emulator) {
    let dead = Made::make(at, "dead", &[]).await;
    let redrive = serde_json::json!({"deadLetterTargetArn": dead.arn, "maxReceiveCount": MOST}).to_string();
    let attributes = [
        (QueueAttributeName::VisibilityTimeout, VISIBILITY.as_secs().to_string()),
        (QueueAttributeName::RedrivePolicy, redrive),
    ];
    let made = Made::make(at, "suite", &attributes).await;
    conformance::queue::suite(&Sqs { port: at.place.queue(&made.url), made, dead }).await;
}
