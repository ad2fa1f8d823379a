//! Rings lanes with due work, finishes what a crash left, says how long work has been waiting, and keeps the balances
//! with which each day opens.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let outside = Parts::new(place.table(set.need("TABLE")?))
        .blobs(place.blobs(set.need("BUCKET")?))
        .doorbell(place.queue(set.need("DOORBELL_URL")?))
        .outside(set.settings()?);
    lambda::sweep("sweep", &outside).await
}
