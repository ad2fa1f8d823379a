//! The pages that show how things stand, behind the API key.

use std::process::ExitCode;

use lambda::{Desk, Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = aws::Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let outside = Parts::new(place.table(set.need("TABLE")?).reading())
        .platforms(platforms_all::all())
        .outside(set.settings()?);
    lambda::serve(lambda::console(Desk::new(&outside))).await
}
