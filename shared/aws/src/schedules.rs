//! Interval schedules of EventBridge Scheduler: one for each store and stream, which sends its tick to the queue.

use async_trait::async_trait;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, SqsParameters, Target};
use domain::message::{Message, MessageV1};
use domain::run::Stream;
use domain::{OrgId, StoreId};
use ports::{ErrorKind, PortError, Result, Schedule, Schedules};

use crate::answer::{code, read};
use crate::late::Late;

const SERVICE: &str = "the scheduler";
/// The scheduler puts here what tells one tick from the next. The queue keeps equal bodies apart by nothing else:
/// it is content-based deduplication that lets the scheduler send to a FIFO queue at all.
const EXECUTION: &str = "<aws.scheduler.execution-id>";
const MINUTE: u64 = 60;

/// Where ticks go.
#[derive(Debug, Clone)]
pub struct TickTarget {
    /// The group of schedules.
    pub group: String,
    /// The name of the queue, as the scheduler wants it (an ARN).
    pub queue: String,
    /// The role in which the scheduler sends (an ARN).
    pub role: String,
}

/// Interval schedules of EventBridge Scheduler.
#[derive(Clone)]
pub struct RateSchedules {
    client: Late<Client>,
    target: TickTarget,
}

impl RateSchedules {
    /// What a role must allow for this adapter: the scheduler is handed the role in which it sends.
    pub const ACTIONS: &[&str] = &[
        "iam:PassRole",
        "scheduler:CreateSchedule",
        "scheduler:DeleteSchedule",
        "scheduler:GetSchedule",
        "scheduler:UpdateSchedule",
    ];

    pub(crate) fn new(client: Late<Client>, target: TickTarget) -> Self {
        Self { client, target }
    }

    fn ticks(&self, schedule: &Schedule) -> Result<Target> {
        let Schedule { org, store, stream, .. } = schedule;
        let unbuilt = |_| refused("the schedule could not be built");
        let sqs = SqsParameters::builder().message_group_id(format!("{store}#tick")).build();
        Target::builder()
            .arn(&self.target.queue)
            .role_arn(&self.target.role)
            .input(input(org, store, *stream)?)
            .sqs_parameters(sqs)
            .build()
            .map_err(unbuilt)
    }

    async fn one(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<Option<Schedule>> {
        let request =
            self.client.get_schedule().group_name(&self.target.group).name(name(org, store, stream));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if code(&error) == "ResourceNotFoundException" => return Ok(None),
            Err(error) => return Err(read("of_store", SERVICE, &error)),
        };
        let expression = answer.schedule_expression().unwrap_or_default();
        let minutes = minutes_of(expression).ok_or_else(|| {
            let message =
                format!("a schedule says `{expression}`, which is no interval in minutes: put it again");
            PortError::new(ErrorKind::Corrupt, "of_store", message)
        })?;
        let every_seconds = minutes.saturating_mul(MINUTE);
        Ok(Some(Schedule { org: org.clone(), store: store.clone(), stream, every_seconds }))
    }
}

#[async_trait]
impl Schedules for RateSchedules {
    async fn put(&self, schedule: &Schedule) -> Result<()> {
        let Schedule { org, store, stream, every_seconds } = schedule;
        let rate = rate(*every_seconds)?;
        let (name, target) = (name(org, store, *stream), self.ticks(schedule)?);
        let exactly = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let exactly = exactly.map_err(|_| refused("the schedule could not be built"))?;
        let group = &self.target.group;
        let updated = self
            .client
            .update_schedule()
            .group_name(group)
            .name(&name)
            .schedule_expression(&rate)
            .flexible_time_window(exactly.clone())
            .target(target.clone())
            .send()
            .await;
        match updated {
            Ok(_) => return Ok(()),
            Err(error) if code(&error) == "ResourceNotFoundException" => {}
            Err(error) => return Err(read("put", SERVICE, &error)),
        }
        let created = self
            .client
            .create_schedule()
            .group_name(group)
            .name(&name)
            .schedule_expression(&rate)
            .flexible_time_window(exactly)
            .target(target)
            .send()
            .await;
        // A conflict is somebody who created the same one now: the caller puts it again and updates it.
        created.map(|_| ()).map_err(|error| read("put", SERVICE, &error))
    }

    async fn remove(&self, org: &OrgId, store: &StoreId, stream: Stream) -> Result<()> {
        let request =
            self.client.delete_schedule().group_name(&self.target.group).name(name(org, store, stream));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if code(&error) == "ResourceNotFoundException" => Ok(()),
            Err(error) => Err(read("remove", SERVICE, &error)),
        }
    }

    async fn of_store(&self, org: &OrgId, store: &StoreId) -> Result<Vec<Schedule>> {
        let mut found = Vec::new();
        for stream in Stream::ALL {
            found.extend(self.one(org, store, stream).await?);
        }
        Ok(found)
    }
}

/// The name of a schedule: at most 64 signs, so the ids come without their prefixes.
fn name(org: &OrgId, store: &StoreId, stream: Stream) -> String {
    let bare = |id: &str, prefix: &str| id.strip_prefix(prefix).unwrap_or(id).to_owned();
    let org = bare(org.as_str(), OrgId::PREFIX);
    let store = bare(store.as_str(), StoreId::PREFIX);
    format!("{org}-{store}-{}", stream.as_str())
}

/// The tick as the queue will hold it, with what tells it from the next.
fn input(org: &OrgId, store: &StoreId, stream: Stream) -> Result<String> {
    let tick = Message::V1(MessageV1::Tick { org: org.clone(), store: store.clone(), stream });
    let unwritten = |_| refused("the tick cannot be written");
    let mut tick = serde_json::to_value(&tick).map_err(unwritten)?;
    if let Some(fields) = tick.as_object_mut() {
        fields.insert("execution".to_owned(), EXECUTION.into());
    }
    serde_json::to_string(&tick).map_err(unwritten)
}

/// The interval as the scheduler says it: its finest is a minute.
fn rate(every_seconds: u64) -> Result<String> {
    match (every_seconds / MINUTE, every_seconds % MINUTE) {
        (0, _) | (_, 1..) => {
            Err(refused("a schedule's interval here is a whole number of minutes, at least one"))
        }
        (1, 0) => Ok("rate(1 minute)".to_owned()),
        (minutes, 0) => Ok(format!("rate({minutes} minutes)")),
    }
}

fn minutes_of(expression: &str) -> Option<u64> {
    let inner = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inner.split_once(' ')?;
    matches!(unit, "minute" | "minutes").then(|| number.parse().ok())?
}

fn refused(why: &str) -> PortError {
    PortError::new(ErrorKind::Refused, "put", why)
}

impl std::fmt::Debug for RateSchedules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateSchedules").field("target", &self.target).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_whole_minutes_and_come_back() {
        for (seconds, text) in
            [(60, "rate(1 minute)"), (120, "rate(2 minutes)"), (86_400, "rate(1440 minutes)")]
        {
            assert_eq!(rate(seconds).unwrap(), text);
            assert_eq!(minutes_of(text), Some(seconds / 60));
        }
        for seconds in [0, 1, 59, 61, 90] {
            assert_eq!(rate(seconds).unwrap_err().kind, ErrorKind::Refused, "{seconds}");
        }
        assert_eq!(minutes_of("rate(2 hours)"), None);
    }

    #[test]
    fn the_longest_name_fits_and_the_input_loads_as_a_tick() {
        let (org, store) = (OrgId::derive(&["o"]), StoreId::derive(&["s"]));
        assert_eq!(name(&org, &store, Stream::Customers).len(), 63);
        let input = input(&org, &store, Stream::Orders).unwrap();
        assert!(input.contains("<aws.scheduler.execution-id>"));
        let told_apart = input.replace(EXECUTION, "d32c5kddcf5bb8c3");
        let tick: Message = serde_json::from_str(&told_apart).unwrap();
        assert_eq!(tick, Message::V1(MessageV1::Tick { org, store, stream: Stream::Orders }));
    }
}
