//! Reads the wiring out of a template.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::spot::{Defaults, Spot, Text};
use super::{Consumer, QueueRules, Route, Schedule, Wiring, WiringError};

type Result<T> = std::result::Result<T, WiringError>;

/// What the program's own parts call the queues: variables of functions.
const INBOX: (&str, &str) = ("INBOX_URL", "INBOX_ARN");
const DOORBELL: (&str, &str) = ("DOORBELL_URL", "DOORBELL_ARN");
/// What the queue service does where the template says nothing: AWS's own defaults, read 2026-11.
const USUAL_VISIBILITY: u64 = 30;
const USUAL_BATCH: u64 = 10;

/// The wiring of a template.
pub(super) fn wiring(template: &str) -> Result<Wiring> {
    let text = Text::read(template)?;
    let whole = text.whole();
    let parameters = whole.may("Parameters").map(|spot| spot.entries()).unwrap_or_default();
    let defaults: Defaults<'_, '_> =
        parameters.into_iter().filter_map(|(name, spot)| Some((name, spot.may("Default")?))).collect();
    let resources = whole.need("Resources")?.entries();
    let sheet = Sheet { resources, defaults };
    let functions = sheet.functions()?;
    let queues = sheet.queues()?;
    let (mut consumers, mut schedules) = (Vec::new(), Vec::new());
    for function in functions.values() {
        for (_, event) in
            function.spot.deep(&["Properties", "Events"]).map_or(Vec::new(), |all| all.entries())
        {
            match event.need("Type")?.text(&sheet.defaults)? {
                "SQS" => consumers.push(sheet.consumer(function, &event.need("Properties")?, &queues)?),
                "Schedule" | "ScheduleV2" => schedules.push(sheet.schedule(function, &event)?),
                other => {
                    return Err(event.wrong(format!("the desk cannot play an event of the type {other}")));
                }
            }
        }
    }
    let default = |name: &str| sheet.defaults.get(name).ok_or_else(|| missing(name));
    Ok(Wiring {
        routes: sheet.routes(&functions)?,
        consumers,
        schedules,
        takers: sheet.takers(&functions)?,
        inbox: sheet.queue_called(INBOX, &functions, &queues)?,
        doorbell: sheet.queue_called(DOORBELL, &functions, &queues)?,
        interval_seconds: default("IntervalSeconds")?.number(&sheet.defaults)?,
        app_name: default("AppName")?.text(&sheet.defaults)?.to_owned(),
        queues,
    })
}

fn missing(parameter: &str) -> WiringError {
    WiringError::new(&format!("Parameters.{parameter}"), "a default must stand here")
}

/// A function of the template: the name of its folder, and its block.
struct Function<'t, 'a> {
    folder: String,
    spot: Spot<'t, 'a>,
}

/// The functions, by their names in the template.
type Functions<'t, 'a> = BTreeMap<String, Function<'t, 'a>>;

/// A template's resources and the defaults of its parameters.
struct Sheet<'t, 'a> {
    resources: Vec<(String, Spot<'t, 'a>)>,
    defaults: Defaults<'t, 'a>,
}

impl<'t, 'a> Sheet<'t, 'a> {
    /// The resources of a type.
    fn of(&self, kind: &str) -> impl Iterator<Item = (&String, &Spot<'t, 'a>)> {
        let is = move |spot: &Spot<'t, 'a>| {
            spot.may("Type").is_some_and(|it| it.text(&self.defaults).is_ok_and(|text| text == kind))
        };
        self.resources.iter().filter(move |(_, spot)| is(spot)).map(|(name, spot)| (name, spot))
    }

    fn functions(&self) -> Result<Functions<'t, 'a>> {
        let mut functions = BTreeMap::new();
        for (name, spot) in self.of("AWS::Serverless::Function") {
            let code = spot.need("Properties")?.need("CodeUri")?;
            let path = code.text(&self.defaults)?.trim_end_matches('/');
            let folder = path.rsplit('/').next().unwrap_or(path).to_owned();
            functions.insert(name.clone(), Function { folder, spot: spot.clone() });
        }
        Ok(functions)
    }

    fn queues(&self) -> Result<BTreeMap<String, QueueRules>> {
        let mut queues = BTreeMap::new();
        for (name, spot) in self.of("AWS::SQS::Queue") {
            let may = |key: &str| spot.deep(&["Properties", key]);
            let seconds = may("VisibilityTimeout").map(|it| it.number(&self.defaults)).transpose()?;
            let redrive = may("RedrivePolicy");
            let most =
                redrive.as_ref().map(|it| it.need("maxReceiveCount")?.number(&self.defaults)).transpose()?;
            let dead = redrive.as_ref().map(|it| it.need("deadLetterTargetArn")?.resource()).transpose()?;
            let rules = QueueRules {
                fifo: may("FifoQueue").is_some_and(|it| it.yes()),
                visibility: Duration::from_secs(seconds.unwrap_or(USUAL_VISIBILITY)),
                max_receives: most.map(|most| u32::try_from(most).unwrap_or(u32::MAX)),
                dead_letters: dead,
            };
            queues.insert(name.clone(), rules);
        }
        for (name, rules) in &queues {
            let Some(dead) = &rules.dead_letters else { continue };
            if queues.get(dead).is_none_or(|dead| dead.fifo != rules.fifo) {
                let wrong = format!("its dead letters go to {dead}, which is no queue of the same kind");
                return Err(WiringError::new(&format!("Resources.{name}"), wrong));
            }
        }
        Ok(queues)
    }

    /// Who works on a queue. What would lose messages in AWS is refused here.
    fn consumer(
        &self,
        function: &Function<'t, 'a>,
        event: &Spot<'t, 'a>,
        queues: &BTreeMap<String, QueueRules>,
    ) -> Result<Consumer> {
        let queue = event.need("Queue")?.resource()?;
        if queues.get(&queue).is_none_or(|rules| !rules.fifo) {
            return Err(
                event.wrong(format!("{queue} is no FIFO queue of the template; the desk has no other kind"))
            );
        }
        let answers = event.may("FunctionResponseTypes").map(|it| it.items()).unwrap_or_default();
        let each = |spot: &Spot<'t, 'a>| {
            spot.text(&self.defaults).is_ok_and(|text| text == "ReportBatchItemFailures")
        };
        if !answers.iter().any(each) {
            let wrong =
                "FunctionResponseTypes must hold ReportBatchItemFailures: without it what failed is lost";
            return Err(event.wrong(wrong.to_owned()));
        }
        let batch = event.may("BatchSize").map(|it| it.number(&self.defaults)).transpose()?;
        let at_once = event.need("ScalingConfig")?.need("MaximumConcurrency")?;
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
        Ok(Consumer {
            function: function.folder.clone(),
            queue,
            batch: count(batch.unwrap_or(USUAL_BATCH)),
            at_once: count(at_once.number(&self.defaults)?),
        })
    }

    fn schedule(&self, function: &Function<'t, 'a>, event: &Spot<'t, 'a>) -> Result<Schedule> {
        let expression = event.need("Properties")?.need("ScheduleExpression")?;
        let every = rate(expression.text(&self.defaults)?);
        let every = every.ok_or_else(|| {
            expression.wrong(
                "the desk knows rate(NUMBER minutes), with hours or days too, and nothing else".to_owned(),
            )
        })?;
        Ok(Schedule { function: function.folder.clone(), every })
    }

    /// The routes, through their integrations. A route of which the gateway may not call the function is refused.
    fn routes(&self, functions: &Functions<'t, 'a>) -> Result<Vec<Route>> {
        let mut may_call = BTreeSet::new();
        for (_, spot) in self.of("AWS::Lambda::Permission") {
            let permission = spot.need("Properties")?;
            if permission.need("Principal")?.text(&self.defaults)? == "apigateway.amazonaws.com" {
                may_call.insert(permission.need("FunctionName")?.resource()?);
            }
        }
        let mut routes: Vec<Route> = Vec::new();
        for (_, spot) in self.of("AWS::ApiGatewayV2::Route") {
            let properties = spot.need("Properties")?;
            let key = properties.need("RouteKey")?;
            let (method, path) = key.text(&self.defaults)?.split_once(' ').ok_or_else(|| {
                key.wrong("a route is METHOD /PATH: the desk cannot play another".to_owned())
            })?;
            let target = properties.need("Target")?.resource()?;
            let integration = self.of("AWS::ApiGatewayV2::Integration").find(|(name, _)| **name == target);
            let (_, integration) =
                integration.ok_or_else(|| spot.wrong(format!("the template has no integration {target}")))?;
            let called = integration.need("Properties")?.need("IntegrationUri")?.resource()?;
            let function = functions
                .get(&called)
                .ok_or_else(|| integration.wrong(format!("the template has no function {called}")))?;
            if !may_call.contains(&called) {
                return Err(spot.wrong(format!("the gateway has no permission to call {called}")));
            }
            let method = Some(method.to_owned()).filter(|method| method != "ANY");
            let route = Route { method, path: path.to_owned(), function: function.folder.clone() };
            if routes.iter().any(|other| other.method == route.method && other.path == route.path) {
                return Err(spot.wrong("another route has the same key".to_owned()));
            }
            routes.push(route);
        }
        Ok(routes)
    }

    /// The functions that rules of event buses lead to.
    fn takers(&self, functions: &Functions<'t, 'a>) -> Result<Vec<String>> {
        let mut takers = Vec::new();
        for (_, rule) in self.of("AWS::Events::Rule") {
            for target in rule.need("Properties")?.need("Targets")?.items() {
                let called = target.need("Arn")?.resource()?;
                let function = functions
                    .get(&called)
                    .ok_or_else(|| target.wrong(format!("the template has no function {called}")))?;
                takers.push(function.folder.clone());
            }
        }
        Ok(takers)
    }

    /// The queue that functions are given under a name: all the same one.
    fn queue_called(
        &self,
        (address, name): (&str, &str),
        functions: &Functions<'t, 'a>,
        queues: &BTreeMap<String, QueueRules>,
    ) -> Result<String> {
        let mut found: Option<String> = None;
        for function in functions.values() {
            let variables = function.spot.deep(&["Properties", "Environment", "Variables"]);
            for key in [address, name] {
                let Some(spot) = variables.as_ref().and_then(|variables| variables.may(key)) else {
                    continue;
                };
                let queue = spot.resource()?;
                if !queues.contains_key(&queue) {
                    return Err(spot.wrong(format!("{queue} is no queue of the template")));
                }
                if found.as_ref().is_some_and(|other| *other != queue) {
                    return Err(
                        spot.wrong("other functions are given another queue under this name".to_owned())
                    );
                }
                found = Some(queue);
            }
        }
        found.ok_or_else(|| WiringError::new("Resources", format!("no function is given {address}")))
    }
}

/// How long is it from one to the next in `rate(2 minutes)`?
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.trim().split_once(' ')?;
    let seconds: u64 = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return None,
    };
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    Some(Duration::from_secs(seconds.checked_mul(number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        assert_eq!(rate("rate(1 minute)"), Some(Duration::from_secs(60)));
        assert_eq!(rate("rate(2 hours)"), Some(Duration::from_secs(7200)));
        assert_eq!(rate("rate(1 day)"), Some(Duration::from_secs(86_400)));
        for wrong in ["cron(0 * * * ? *)", "rate(0 minutes)", "rate(minute)", "rate(5 seconds)", ""] {
            assert_eq!(rate(wrong), None, "{wrong}");
        }
    }
}
