//! Connects shops through their owners' browsers: to the shop's page, and the shop's answer.

use std::process::ExitCode;

use aws::{Place, TickTarget};
use lambda::{Desk, Environment, Parts, StartError};

fn main() -> ExitCode {
    lambda::start(wire)
}

async fn wire(set: Environment) -> Result<(), StartError> {
    let place = Place::new(set.need("AWS_REGION")?, set.may("AWS_ENDPOINT_URL"));
    let ticks = TickTarget {
        group: set.need("TICK_GROUP")?,
        queue: set.need("INBOX_ARN")?,
        role: set.need("TICK_ROLE_ARN")?,
    };
    let http = net::Settings::of_function(place.is_played_here(), |name| set.may(name));
    let table = place.table(set.need("TABLE")?);
    let vault = place.vault(set.need("SECRETS")?, &table);
    let outside = Parts::new(table)
        .vault(vault)
        .doorbell(place.queue(set.need("DOORBELL_URL")?))
        .schedules(place.schedules(ticks))
        .http(net::Client::new(&http)?)
        .platforms(platforms_all::all())
        .outside(set.settings()?);
    lambda::serve(lambda::oauth(Desk::new(&outside))).await
}
