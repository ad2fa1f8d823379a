//! The schedules' suite over EventBridge Scheduler, and a tick that truly comes.

use aws::{RateSchedules, TickTarget};
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_scheduler::types::FlexibleTimeWindowMode;
use aws_sdk_sqs::types::QueueAttributeName;
use domain::message::{Message, MessageV1};
use domain::run::Stream;
use domain::{OrgId, StoreId};
use ports::{ErrorKind, Schedule, Schedules as _};

use crate::queue::Made;
use crate::{Emulator, REGION};

const ROLE: &str = "arn:aws:iam::000000000000:role/ticks";

fn client(at: &Emulator) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(&at.endpoint)
        .credentials_provider(Credentials::new("emulated", "emulated", None, None, "emulated"));
    Client::from_conf(config.build())
}

async fn adapter(at: &Emulator, name: &str, queue: &str) -> (RateSchedules, String) {
    let group = format!("{}-{name}", at.run);
    client(at).create_schedule_group().name(&group).send().await.unwrap();
    let target = TickTarget { group: group.clone(), queue: queue.to_owned(), role: ROLE.to_owned() };
    (at.place.schedules(target), group)
}

/// Runs the suite, and looks at what the scheduler was told.
pub async fn suite(at: &Emulator) {
    let queue = "arn:aws:sqs:us-east-1:000000000000:nobody.fifo";
    let (schedules, group) = adapter(at, "suite", queue).await;
    conformance::schedules::suite(&schedules).await;

    let schedule = Schedule {
        org: OrgId::derive(&["told"]),
        store: StoreId::derive(&["told"]),
        stream: Stream::Customers,
        every_seconds: 7200,
    };
    schedules.put(&schedule).await.unwrap();
    let odd = schedules.put(&Schedule { every_seconds: 90, ..schedule.clone() }).await;
    assert_eq!(odd.unwrap_err().kind, ErrorKind::Refused);
    let listed = client(at).list_schedules().group_name(&group).send().await.unwrap();
    let name =
        listed.schedules().iter().find_map(|one| one.name().filter(|name| name.ends_with("-customers")));
    let told = client(at).get_schedule().group_name(&group).name(name.unwrap()).send().await.unwrap();
    assert_eq!(told.schedule_expression(), Some("rate(120 minutes)"));
    assert_eq!(told.flexible_time_window().map(|window| window.mode()), Some(&FlexibleTimeWindowMode::Off));
    let target = told.target().unwrap();
    assert_eq!((target.arn(), target.role_arn()), (queue, ROLE));
    assert!(target.input().unwrap().contains("<aws.scheduler.execution-id>"), "equal ticks would vanish");
    assert!(target.sqs_parameters().is_some_and(|sqs| sqs.message_group_id().is_some()));
}

/// A schedule of a minute sends its tick to the queue, and the tick can be read.
pub async fn ticks(at: &Emulator) {
    let content = [(QueueAttributeName::ContentBasedDeduplication, "true".to_owned())];
    let made = Made::make(at, "ticks", &content).await;
    let (schedules, _) = adapter(at, "ticks", &made.arn).await;
    let (org, store) = (OrgId::derive(&["ticks"]), StoreId::derive(&["ticks"]));
    let stream = Stream::Orders;
    let schedule = Schedule { org: org.clone(), store: store.clone(), stream, every_seconds: 60 };
    schedules.put(&schedule).await.unwrap();
    for _ in 0..7 {
        if let Some(one) = made.take(1, 15).await.pop() {
            assert_eq!(one.message, Message::V1(MessageV1::Tick { org, store, stream }));
            return;
        }
    }
    panic!("no tick came in 105 seconds");
}
