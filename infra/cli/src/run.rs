//! One command, from its arguments to its exit code.

use std::process::ExitCode;

use platform::{Clock, Http};

use crate::command::Command;
use crate::connection::Connection;
use crate::hub::Hub;
use crate::screen::{Page, Screen};
use crate::seat::{Here, Seat};
use crate::trouble::{Result, Trouble};
use crate::verbs;

/// What a command needs from outside.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// The way to the hub.
    pub http: &'a dyn Http,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The machine at which the person sits.
    pub seat: &'a dyn Seat,
}

/// Runs a command against the hub: 0 if it was done, 1 if it failed, 2 if it was called wrongly.
///
/// It needs a tokio runtime with time and I/O.
pub async fn run(
    command: &Command,
    connection: &Connection,
    screen: &mut Screen<'_>,
    clock: &dyn Clock,
) -> ExitCode {
    let here = Here::default();
    match connection.client() {
        Ok(client) => {
            let outside = Outside { http: &client, clock, seat: &here };
            run_over(outside, command, connection, screen).await
        }
        Err(trouble) => end(&mut Page::new(screen, &here, connection.json), Err(trouble)),
    }
}

/// The same over an outside that is handed in.
pub async fn run_over(
    outside: Outside<'_>,
    command: &Command,
    connection: &Connection,
    screen: &mut Screen<'_>,
) -> ExitCode {
    let Outside { http, clock, seat } = outside;
    let mut page = Page::new(screen, seat, connection.json);
    let outcome = match Hub::new(http, connection) {
        Ok(hub) => carry_out(command, &hub, &mut page, clock).await,
        Err(trouble) => Err(trouble),
    };
    end(&mut page, outcome)
}

async fn carry_out(
    command: &Command,
    hub: &Hub<'_>,
    page: &mut Page<'_, '_>,
    clock: &dyn Clock,
) -> Result<()> {
    match command {
        Command::Connect(connect) => verbs::connect::connect(hub, page, connect).await,
        Command::App(app) => verbs::app::keep(hub, page, app).await,
        Command::Claim(claim) => verbs::claim::claim(hub, page, claim).await,
        Command::Stores => verbs::stores::list(hub, page).await,
        Command::Doctor { store } => verbs::doctor::examine(hub, page, store.as_deref(), clock.now()).await,
        Command::Sync(sync) => verbs::sync::sync(hub, page, sync).await,
        Command::Cancel { run } => verbs::runs::cancel(hub, page, run).await,
        Command::Rehearse { store, limit } => verbs::rehearse::rehearse(hub, page, store, *limit).await,
        Command::Shadow { store, begin: true } => verbs::shadow::begin(hub, page, store).await,
        Command::Shadow { store, begin: false } => verbs::shadow::report(hub, page, store, clock.now()).await,
        Command::Start(start) => verbs::start::start(hub, page, start).await,
        Command::Stop(one) => verbs::change::stop(hub, page, &one.store).await,
        Command::Pause(one) => verbs::change::pause(hub, page, &one.store).await,
        Command::Resume(one) => verbs::change::resume(hub, page, &one.store).await,
        Command::Disconnect(agree) => verbs::change::disconnect(hub, page, agree).await,
        Command::Events { store, limit } => {
            verbs::events::list(hub, page, store.as_deref(), *limit, clock.now()).await
        }
        Command::Replay { event } => verbs::events::replay(hub, page, event).await,
        Command::Stock { sku: None, limit } => verbs::stock::list(hub, page, *limit).await,
        Command::Stock { sku: Some(sku), limit } => {
            verbs::stock::one(hub, page, sku, *limit, clock.now()).await
        }
        Command::Receive(asked) => verbs::stock_room::receive(hub, page, asked, clock.now()).await,
        Command::Count(asked) => verbs::stock_room::count(hub, page, asked, clock.now()).await,
        Command::Adjust(asked) => verbs::stock_room::adjust(hub, page, asked, clock.now()).await,
        Command::Transfer(asked) => verbs::stock_room::transfer(hub, page, asked, clock.now()).await,
        Command::Bundle(asked) => verbs::bundle::bundle(hub, page, asked).await,
        Command::Locations { what } => verbs::locations::locations(hub, page, what.as_ref()).await,
        Command::Orders { store, order, limit } => {
            let (store, order) = (store.as_deref(), order.as_deref());
            verbs::orders::orders(hub, page, store, order, *limit, clock.now()).await
        }
        Command::Person { store, customer } => verbs::person::show(hub, page, store, customer).await,
        Command::Ship(ship) => verbs::ship::ship(hub, page, ship).await,
        Command::Why(why) => verbs::why::why(hub, page, why, clock.now()).await,
        Command::ReplayDay { day } => verbs::replay_day::replay(hub, page, *day).await,
        Command::Allocate(asked) => verbs::allocate::allocate(hub, page, asked).await,
        Command::Freshness => verbs::freshness::freshness(hub, page).await,
        Command::Undo(undo) => verbs::undo::undo(hub, page, undo, clock.now()).await,
        Command::Authority(authority) => verbs::authority::authority(hub, page, authority).await,
        Command::Rules(rules) => verbs::authority::rules(hub, page, rules).await,
        Command::Drift(drift) => verbs::drift::drift(hub, page, drift, clock.now()).await,
        Command::Exceptions { settled, limit } => {
            verbs::exceptions::list(hub, page, *settled, *limit, clock.now()).await
        }
        Command::Resolve { exception, right } => {
            verbs::exceptions::resolve(hub, page, exception, *right).await
        }
        Command::Price { store, variant, amount, currency } => {
            let price = verbs::catalog::Price { store, variant, amount, currency: currency.as_deref() };
            verbs::catalog::price(hub, page, &price).await
        }
        Command::Title { store, product, title } => {
            verbs::catalog::title(hub, page, store, product, title).await
        }
        Command::Schedule { store, stream, seconds } => {
            verbs::schedule::schedule(hub, page, store, stream.zip(*seconds)).await
        }
    }
}

/// Says what went wrong, and how the program ends.
fn end(page: &mut Page<'_, '_>, outcome: Result<()>) -> ExitCode {
    let outcome = outcome.and_then(|()| page.flush());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            complain(page, &trouble);
            trouble.exit_code()
        }
    }
}

fn complain(page: &mut Page<'_, '_>, trouble: &Trouble) {
    for line in trouble.lines() {
        // Where standard error is closed too, only the exit code is left to tell it.
        let _ = page.complain(line);
    }
    let _ = page.flush();
}
