//! Makes API keys for whoever may invoke it: no address leads here.

use std::process::ExitCode;

use lambda::{Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let outside = Parts::new(place.table(set.need("TABLE")?)).outside(set.settings()?);
    lambda::make_keys(&outside).await
}
