//! Calls the shops, one call at a time for each store, the most urgent first.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let http = net::Settings::of_function(place.is_played_here(), |name| set.may(name));
    let table = place.table(set.need("TABLE")?);
    let vault = place.vault(set.need("SECRETS")?, &table).renewing();
    let outside = Parts::new(table)
        .vault(vault)
        .doorbell(place.queue(set.need("DOORBELL_URL")?))
        .http(net::Client::new(&http)?)
        .platforms(platforms_all::all())
        .outside(set.settings()?);
    lambda::consume("lane", &outside).await
}
