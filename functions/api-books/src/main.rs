//! The API of what stores have, and of the books: products, stock, orders, events, exceptions.

use std::process::ExitCode;

use lambda::{Desk, Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let outside = Parts::new(place.table(set.need("TABLE")?))
        .blobs(place.blobs(set.need("BUCKET")?).reading())
        .inbox(place.queue(set.need("INBOX_URL")?))
        .doorbell(place.queue(set.need("DOORBELL_URL")?))
        .platforms(platforms_all::all())
        .outside(set.settings()?);
    lambda::serve(lambda::api_of_books(Desk::new(&outside))).await
}
