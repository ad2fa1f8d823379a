//! The template as text: its resources, and what stands in a function's block and in its role.

/// One resource: its name and the lines below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its name in the template.
    pub name: String,
    /// Everything that stands in it.
    pub body: String,
}

/// The resources of a template, in their order.
pub fn resources(text: &str) -> Vec<Resource> {
    let mut found: Vec<Resource> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if !line.starts_with([' ', '#']) && !line.is_empty() {
            inside = line == "Resources:";
        } else if let Some(name) = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':'))
            && inside
            && name.chars().all(char::is_alphanumeric)
        {
            found.push(Resource { name: name.to_owned(), body: String::new() });
        } else if let Some(resource) = found.last_mut().filter(|_| inside) {
            resource.body.push_str(line);
            resource.body.push('\n');
        }
    }
    found
}

impl Resource {
    /// The resource's type.
    pub fn kind(&self) -> &str {
        self.value("Type").unwrap_or_default()
    }

    /// The first value of a key that stands on a line of its own.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.body.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "))
    }

    /// The folder of a function that this block deploys.
    pub fn folder(&self) -> Option<&str> {
        self.value("CodeUri")?.strip_prefix("target/lambda/")?.strip_suffix('/')
    }

    /// The names of the variables that it sets.
    pub fn variables(&self) -> Vec<&str> {
        let mut lines = self.body.lines().skip_while(|line| line.trim() != "Variables:");
        let Some(head) = lines.next() else { return Vec::new() };
        let depth = |line: &str| line.len() - line.trim_start().len();
        let set = lines.take_while(|line| depth(line) > depth(head));
        set.filter_map(|line| line.trim().split(':').next()).collect()
    }

    /// The actions that a role allows: quoted words with a service before a colon, as the template writes them.
    pub fn actions(&self) -> Vec<&str> {
        let policies = self.body.split_once("Policies:").map_or("", |(_, rest)| rest);
        let quoted = policies.lines().filter(|line| !line.contains("arn:")).flat_map(|line| {
            line.split('"').enumerate().filter(|(place, _)| place % 2 == 1).map(|(_, word)| word)
        });
        let mut actions: Vec<&str> = quoted.filter(|word| *word == "*:*" || is_action(word)).collect();
        actions.sort_unstable();
        actions.dedup();
        actions
    }

    /// The lines that open something to everything, beside the one that the trace service needs.
    pub fn wide(&self) -> Vec<&str> {
        let lines = self.body.lines().map(str::trim);
        lines.filter(|line| line.contains("\"*\"") && !line.contains("xray:")).collect()
    }
}

fn is_action(word: &str) -> bool {
    word.split_once(':').is_some_and(|(service, action)| {
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '*');
        plain(service) && plain(action)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Globals:\n  Function:\n    Timeout: 20\n\nResources:\n  # queues\n\n  Ingest:\n    \
        Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: target/lambda/ingest/\n      \
        Environment:\n        Variables:\n          BUCKET: !Ref Bucket\n          NAME: \"x:y\"\n      \
        Role: !GetAtt IngestRole.Arn\n\n  IngestRole:\n    Type: AWS::IAM::Role\n    Properties:\n      \
        AssumeRolePolicyDocument: {Action: \"sts:AssumeRole\"}\n      Policies:\n        - PolicyName: a\n          \
        Statement:\n            - {Action: [\"s3:GetObject\", \"s3:Put*\"], Resource: \"*\"}\n            - \
        {Action: [\"xray:PutTraceSegments\"], Resource: \"*\"}\nOutputs:\n  Url:\n    Value: x\n";

    #[test]
    fn resources_are_read_with_what_stands_in_them() {
        let found = resources(TEXT);
        let names: Vec<&str> = found.iter().map(|resource| resource.name.as_str()).collect();
        assert_eq!(names, ["Ingest", "IngestRole"]);
        assert_eq!((found[0].kind(), found[0].folder()), ("AWS::Serverless::Function", Some("ingest")));
        assert_eq!(found[0].variables(), ["BUCKET", "NAME"]);
        assert_eq!(found[1].actions(), ["s3:GetObject", "s3:Put*", "xray:PutTraceSegments"]);
        assert_eq!(found[1].wide().len(), 1);
    }
}
