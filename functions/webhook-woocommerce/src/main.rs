//! Takes the deliveries of WooCommerce shops: verified, queued, and only then answered.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let table = place.table(set.need("TABLE")?).reading();
    let vault = place.vault(set.need("SECRETS")?, &table).reading();
    let receive = Parts::new(table)
        .vault(vault)
        .blobs(place.blobs(set.need("BUCKET")?).putting())
        .inbox(place.queue(set.need("INBOX_URL")?))
        .platform(woocommerce::WooCommerce)
        .receive();
    lambda::serve(lambda::webhooks(receive)).await
}
