//! The stack: the template deployed to the emulator, with binaries that were built here.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::front::client;
use crate::zip::archive;

/// The name of the stack.
pub const NAME: &str = "storeloom";
/// Where the code of the functions is uploaded to.
const CODE: &str = "code";

/// A deployed stack.
pub struct Stack {
    endpoint: String,
    http: reqwest::Client,
}

impl Stack {
    /// Uploads every function of the template from the folder and creates the stack.
    pub async fn deploy(endpoint: &str, template: &str, binaries: &Path, public_url: &str) -> Self {
        let stack = Self { endpoint: endpoint.trim_end_matches('/').to_owned(), http: client() };
        stack.put(&format!("/{CODE}"), Vec::new()).await;
        let mut text = String::new();
        for line in template.lines() {
            let function =
                line.trim().strip_prefix("CodeUri: target/lambda/").and_then(|rest| rest.strip_suffix('/'));
            match function {
                None => text.push_str(line),
                Some(name) => {
                    let program =
                        std::fs::read(binaries.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
                    stack.put(&format!("/{CODE}/{name}.zip"), archive("bootstrap", &program)).await;
                    let indent = &line[..line.len() - line.trim_start().len()];
                    text.push_str(&format!("{indent}CodeUri: {{Bucket: {CODE}, Key: {name}.zip}}"));
                }
            }
            text.push('\n');
        }
        stack.put(&format!("/{CODE}/template.yaml"), text.into_bytes()).await;
        let url = format!("{}/{CODE}/template.yaml", stack.endpoint);
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let parameters =
            [("PublicUrl", public_url), ("Architecture", architecture), ("IntervalSeconds", "60")];
        let mut form = vec![
            ("Action".to_owned(), "CreateStack".to_owned()),
            ("Version".to_owned(), "2010-05-15".to_owned()),
            ("StackName".to_owned(), NAME.to_owned()),
            ("TemplateURL".to_owned(), url),
            ("Capabilities.member.1".to_owned(), "CAPABILITY_IAM".to_owned()),
            ("Capabilities.member.2".to_owned(), "CAPABILITY_AUTO_EXPAND".to_owned()),
        ];
        for (place, (key, value)) in parameters.iter().enumerate() {
            let member = format!("Parameters.member.{}", place + 1);
            form.push((format!("{member}.ParameterKey"), (*key).to_owned()));
            form.push((format!("{member}.ParameterValue"), (*value).to_owned()));
        }
        let answer = stack.form(&form).await;
        assert!(answer.contains("<StackId>"), "{answer}");
        stack.wait().await;
        stack
    }

    async fn wait(&self) {
        let began = Instant::now();
        loop {
            let described = self.query("DescribeStacks").await;
            let status =
                between(&described, "<StackStatus>", "</StackStatus>").unwrap_or_default().to_owned();
            match status.as_str() {
                "CREATE_COMPLETE" => return,
                "CREATE_IN_PROGRESS" if began.elapsed() < Duration::from_secs(180) => {}
                _ => panic!("the stack is {status}: {}", self.query("DescribeStackEvents").await),
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// What the service names a resource of the template.
    pub async fn resource(&self, logical: &str) -> String {
        let all = self.query("DescribeStackResources").await;
        let block =
            all.split("<member>").find(|block| block.contains(&format!("<LogicalResourceId>{logical}<")));
        let block = block.unwrap_or_else(|| panic!("the stack has no {logical}: {all}"));
        between(block, "<PhysicalResourceId>", "</PhysicalResourceId>").unwrap().to_owned()
    }

    /// Adds variables to a function's environment; one of the value "" is put back as the template says.
    pub async fn tell(&self, function: &str, variables: &[(&str, &str)]) {
        let path = format!("/2015-03-31/functions/{NAME}-{function}/configuration");
        let read = self.http.get(format!("{}{path}", self.endpoint)).send().await.unwrap();
        let now: Value = serde_json::from_slice(&read.bytes().await.unwrap()).unwrap();
        let mut set = now["Environment"]["Variables"].as_object().expect("an environment").clone();
        for (name, value) in variables {
            set.insert((*name).to_owned(), (*value).into());
        }
        let body = json!({"Environment": {"Variables": set}}).to_string();
        let answer = self.http.put(format!("{}{path}", self.endpoint)).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{function}: {}", answer.text().await.unwrap());
    }

    /// A function's variable as it is now.
    pub async fn told(&self, function: &str, variable: &str) -> String {
        let path = format!("/2015-03-31/functions/{NAME}-{function}/configuration");
        let read = self.http.get(format!("{}{path}", self.endpoint)).send().await.unwrap();
        let now: Value = serde_json::from_slice(&read.bytes().await.unwrap()).unwrap();
        now["Environment"]["Variables"][variable].as_str().expect("a variable").to_owned()
    }

    /// Invokes a function and gives its answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Value {
        let url = format!("{}/2015-03-31/functions/{NAME}-{function}/invocations", self.endpoint);
        let answer = self.http.post(url).body(payload.to_string()).send().await.unwrap();
        let failed = answer.headers().contains_key("x-amz-function-error");
        let text = answer.text().await.unwrap();
        assert!(!failed, "{function}: {text}");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{function}: {e}: {text}"))
    }

    async fn put(&self, path: &str, bytes: Vec<u8>) {
        let answer = self.http.put(format!("{}{path}", self.endpoint)).body(bytes).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    async fn query(&self, action: &str) -> String {
        let words = [("Action", action), ("Version", "2010-05-15"), ("StackName", NAME)];
        self.form(&words.map(|(key, value)| (key.to_owned(), value.to_owned()))).await
    }

    async fn form(&self, fields: &[(String, String)]) -> String {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let scope = "20261121/us-east-1/cloudformation/aws4_request";
        let request = self
            .http
            .post(format!("{}/", self.endpoint))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential=emulated/{scope}, SignedHeaders=host, Signature=0"),
            )
            .body(body);
        request.send().await.unwrap().text().await.unwrap()
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}
