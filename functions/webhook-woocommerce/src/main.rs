//! Takes the deliveries of WooCommerce shops: verified, queued, and only then answered.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let receive = Parts::new(place.table(set.need("TABLE")?).reading())
        .vault(place.vault(set.need("SECRETS")?).reading())
        .blobs(place.blobs(set.need("BUCKET")?).putting())
        .inbox(place.queue(set.need("INBOX_URL")?))
        .platform(woocommerce::WooCommerce)
        .receive();
    lambda::serve(lambda::webhooks(receive)).await
}
