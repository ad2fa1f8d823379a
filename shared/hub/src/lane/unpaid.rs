//! Orders that have stood unpaid for long: their units are set aside and nobody can buy them. Each is looked at in its
//! shop once. Closed there, its booking frees the units; open there, a person is asked, once. Nothing is freed that the
//! shop may still send.

use domain::event::About;
use domain::exception::{Exception, ExceptionKind};
use domain::order::Order;
use domain::work::{LaneWork, Priority, Verb};
use domain::{OrderId, RemoteOrderId};
use jiff::{SignedDuration, Timestamp};
use ports::{Ask, OrderRecord};

use super::Lane;
use crate::Result;
use crate::access::Shop;
use crate::alerts::Alert;

/// Of a page of orders, at most so many are looked at: the next day's round finds the others.
const MOST: usize = 20;
/// Exceptions that are read together.
const PAGE: u32 = 200;

impl Lane {
    /// Has those of a page of our orders looked at that have stood unpaid for long and were not asked about yet. With
    /// the first page, questions are settled that payments or cancellations have answered.
    pub(super) async fn look_at_unpaid(
        &self,
        shop: &Shop,
        records: &[OrderRecord],
        begins: bool,
    ) -> Result<()> {
        if self.directory.decisions().is_none() {
            return Ok(());
        }
        let store = &shop.store;
        if begins {
            self.settle_answered(shop).await?;
        }
        if !records.iter().any(|record| record.order.waits_for_payment()) {
            return Ok(());
        }
        let before = self.unpaid_before(shop).await?;
        let now = self.clock.now();
        let mut work = Vec::new();
        for record in records.iter().filter(|record| is_old(&record.order, before)) {
            if work.len() == MOST {
                break;
            }
            if self.asked_about(shop, &record.order.remote).await?.is_none() {
                let verb = Verb::Fetch { about: About::Order(record.order.remote.clone()) };
                work.push(LaneWork::new(&store.org, &store.id, Priority::Incremental, verb, now));
            }
        }
        self.dispatch.work(&work).await
    }

    /// After an order was read afresh: asks about it if it has stood unpaid for long and nobody was asked before.
    pub(super) async fn ask_if_unpaid(&self, shop: &Shop, remote: &RemoteOrderId) -> Result<()> {
        if self.directory.decisions().is_none() {
            return Ok(());
        }
        let store = &shop.store;
        let Some(record) = self.record_of(shop, remote).await? else { return Ok(()) };
        let order = &record.order;
        if !order.waits_for_payment()
            || !is_old(order, self.unpaid_before(shop).await?)
            || self.asked_about(shop, remote).await?.is_some()
        {
            return Ok(());
        }
        let days = self.clock.now().duration_since(order.placed_at).as_hours() / 24;
        self.alerts
            .open(Alert {
                org: &store.org,
                store: Some(&store.id),
                kind: ExceptionKind::UnpaidOrder,
                subject: remote.as_str(),
                message: format!(
                    "order {} of {} has stood unpaid for {days} days and its shop leaves it open: its units stay \
                     set aside",
                    order.number, store.name
                ),
                advice: "Cancel it in the shop to have its units sold again, or wait for the payment: either settles \
                         this within a day. Resolve this to keep the units set aside and not be asked again.",
                facts: vec![
                    ("order", record.id.to_string()),
                    ("number", order.number.clone()),
                    ("placed_at", order.placed_at.to_string()),
                ],
            })
            .await
    }

    /// Settles what was asked about orders that are paid, called off or gone by now.
    async fn settle_answered(&self, shop: &Shop) -> Result<()> {
        let store = &shop.store;
        let mut ask = Ask::first(PAGE);
        loop {
            let page = self.journal.exceptions(&store.org, false, &ask).await?;
            let of_store = |one: &&Exception| {
                one.kind == ExceptionKind::UnpaidOrder && one.store.as_ref() == Some(&store.id)
            };
            for asked in page.items.iter().filter(of_store) {
                let remote = RemoteOrderId::new(asked.subject.clone());
                let record = self.record_of(shop, &remote).await?;
                if record.is_none_or(|record| !record.order.waits_for_payment()) {
                    let kind = ExceptionKind::UnpaidOrder;
                    self.alerts.settle(&store.org, kind, Some(&store.id), &asked.subject).await?;
                }
            }
            if page.next.is_none() {
                return Ok(());
            }
            ask = Ask::after(PAGE, page.next);
        }
    }

    /// Orders that were placed before this have stood unpaid for long.
    async fn unpaid_before(&self, shop: &Shop) -> Result<Timestamp> {
        let days = self.rules.rules(&shop.store.org).await?.unpaid_days;
        Ok(self.clock.now() - SignedDuration::from_hours(24 * i64::from(days)))
    }

    async fn asked_about(&self, shop: &Shop, remote: &RemoteOrderId) -> Result<Option<Exception>> {
        let store = &shop.store;
        let kind = ExceptionKind::UnpaidOrder;
        let id = Exception::id_of(&store.org, kind, Some(&store.id), remote.as_str());
        Ok(self.journal.exception(&store.org, &id).await?)
    }

    async fn record_of(&self, shop: &Shop, remote: &RemoteOrderId) -> Result<Option<OrderRecord>> {
        let id = OrderId::derive(&[shop.store.id.as_str(), remote.as_str()]);
        Ok(self.ledger.order(&shop.store.org, &id).await?)
    }
}

fn is_old(order: &Order, before: Timestamp) -> bool {
    order.waits_for_payment() && order.placed_at <= before
}
