//! Books what platforms sent, and hears the ticks of schedules.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let outside = Parts::new(place.table(set.need("TABLE")?))
        .archive(place.blobs(set.need("BUCKET")?))
        .doorbell(place.queue(set.need("DOORBELL_URL")?))
        .platforms(platforms_all::all())
        .outside(set.settings()?);
    lambda::consume("ingest", &outside).await
}
