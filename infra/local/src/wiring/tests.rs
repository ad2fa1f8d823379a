//! The template of this version is read whole, and what is planted in it is found.

use super::*;

/// The wiring of the template with one text put in the place of another.
fn planted(from: &str, to: &str) -> Result<Wiring, WiringError> {
    assert!(BUILT_IN.contains(from), "`{from}` does not stand in the template");
    Wiring::read(&BUILT_IN.replacen(from, to, 1))
}

fn wrong(from: &str, to: &str) -> String {
    planted(from, to).unwrap_err().to_string()
}

fn consumer<'a>(wiring: &'a Wiring, function: &str) -> &'a Consumer {
    wiring.consumers.iter().find(|one| one.function == function).unwrap()
}

#[test]
fn everything_that_stands_in_the_template_is_read() {
    let wiring = Wiring::built_in().unwrap();
    let lines = |mark: &str| BUILT_IN.lines().filter(|line| line.contains(mark)).count();
    assert_eq!(wiring.routes.len(), lines("RouteKey: \""));
    assert_eq!(wiring.queues.len(), lines("Type: AWS::SQS::Queue") - lines("AWS::SQS::QueuePolicy"));
    assert_eq!(wiring.consumers.len(), lines("Type: SQS"));
    assert_eq!(wiring.schedules.len(), lines("ScheduleExpression:"));
    assert_eq!(wiring.takers.len(), lines("Type: AWS::Events::Rule"));
    assert_eq!((wiring.inbox.as_str(), wiring.doorbell.as_str()), ("Inbox", "Doorbell"));
    assert!(wiring.routes.iter().any(|route| route.function == "page" && route.path == "/"));
    assert_eq!(wiring.takers, ["events-shopify"]);
}

#[test]
fn both_queues_are_worked_on_and_keep_what_dies() {
    let wiring = Wiring::built_in().unwrap();
    for queue in [&wiring.inbox, &wiring.doorbell] {
        assert!(wiring.consumers.iter().any(|one| one.queue == *queue), "{queue}");
        assert!(wiring.queue(queue).unwrap().dead_letters.is_some(), "{queue}");
        assert!(wiring.queue(queue).unwrap().max_receives.is_some(), "{queue}");
    }
    assert_eq!(wiring.schedules.iter().filter(|schedule| schedule.function == SWEEP).count(), 1);
}

#[test]
fn another_template_is_another_wiring() {
    let (before, inbox) = (Wiring::built_in().unwrap(), |wiring: &Wiring| wiring.queues["Inbox"].clone());
    let batch = planted("BatchSize: 10", "BatchSize: 3").unwrap();
    assert_eq!((consumer(&before, "ingest").batch, consumer(&batch, "ingest").batch), (10, 3));
    assert_eq!(consumer(&batch, "lane"), consumer(&before, "lane"));
    let few = planted("MaximumConcurrency: 20", "MaximumConcurrency: 2").unwrap();
    assert_eq!(consumer(&few, "ingest").at_once, 2);
    let visible = planted("VisibilityTimeout: 360", "VisibilityTimeout: 90").unwrap();
    assert_eq!(inbox(&visible), QueueRules { visibility: Duration::from_secs(90), ..inbox(&before) });
    let often = planted("maxReceiveCount: 10", "maxReceiveCount: 4").unwrap();
    assert_eq!(inbox(&often), QueueRules { max_receives: Some(4), ..inbox(&before) });
    let slow = planted("rate(1 minute)", "rate(5 minutes)").unwrap();
    assert_eq!(slow.schedules[0].every, Duration::from_secs(300));
    assert_eq!(slow.sweeping_every(Duration::from_secs(1)).schedules[0].every, Duration::from_secs(1));
    let named = planted("Default: Storeloom", "Default: Quay").unwrap();
    assert_eq!((before.app_name.as_str(), named.app_name.as_str()), ("Storeloom", "Quay"));
    let route = planted("\"GET /v1/stock\"", "\"GET /v1/shelves\"").unwrap();
    let has = |wiring: &Wiring, path: &str| wiring.routes.iter().any(|route| route.path == path);
    assert!(has(&before, "/v1/stock") && !has(&route, "/v1/stock") && has(&route, "/v1/shelves"));
}

#[test]
fn a_value_may_stand_in_a_parameter() {
    let wiring = planted("VisibilityTimeout: 360", "VisibilityTimeout: !Ref IntervalSeconds").unwrap();
    assert_eq!(wiring.queues["Inbox"].visibility, Duration::from_secs(wiring.interval_seconds));
}

#[test]
fn what_would_lose_messages_is_refused() {
    let lost = wrong("            FunctionResponseTypes: [ReportBatchItemFailures]\n", "");
    assert!(lost.contains("Ingest.Properties.Events.Messages") && lost.contains("lost"), "{lost}");
    let dead =
        wrong("deadLetterTargetArn: !GetAtt InboxDead.Arn", "deadLetterTargetArn: !GetAtt EventsDead.Arn");
    assert!(dead.contains("Resources.Inbox") && dead.contains("EventsDead"), "{dead}");
    let unordered = wrong("Queue: !GetAtt Inbox.Arn", "Queue: !GetAtt EventsDead.Arn");
    assert!(unordered.contains("no FIFO queue"), "{unordered}");
    let bounds = wrong("            ScalingConfig: {MaximumConcurrency: 20}\n", "");
    assert!(bounds.contains("ScalingConfig is missing"), "{bounds}");
}

#[test]
fn what_leads_nowhere_is_refused() {
    let nobody =
        wrong("!Sub \"integrations/${PageIntegration}\"", "!Sub \"integrations/${GoneIntegration}\"");
    assert!(nobody.contains("no integration GoneIntegration"), "{nobody}");
    let function = wrong("IntegrationUri: !GetAtt Page.Arn", "IntegrationUri: !GetAtt Gone.Arn");
    assert!(function.contains("no function Gone"), "{function}");
    let permission =
        wrong("FunctionName: !Ref Page\n      Principal", "FunctionName: !Ref Lane\n      Principal");
    assert!(permission.contains("no permission to call Page"), "{permission}");
    let twice = wrong("\"GET /health\"", "\"GET /\"");
    assert!(twice.contains("the same key"), "{twice}");
    let torn = wrong("INBOX_URL: !Ref Inbox", "INBOX_URL: !Ref Doorbell");
    assert!(torn.contains("another queue"), "{torn}");
    let cron = wrong("rate(1 minute)", "cron(* * * * ? *)");
    assert!(cron.contains("ScheduleExpression"), "{cron}");
}
