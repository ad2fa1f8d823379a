//! Takes what Shopify sends through an event bus, which lets nobody else send.

use std::process::ExitCode;

use domain::PlatformSlug;
use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let receive = Parts::new(place.table(set.need("TABLE")?).reading())
        .blobs(place.blobs(set.need("BUCKET")?).putting())
        .inbox(place.queue(set.need("INBOX_URL")?))
        .platform(shopify::Shopify)
        .receive();
    lambda::take_events(PlatformSlug::new("shopify"), receive).await
}
