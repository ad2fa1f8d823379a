//! What a function is told by its environment: read once, at its start.

use std::collections::BTreeMap;

use hub::Settings;
use url::Url;

/// The environment as it was at the start.
#[derive(Clone)]
pub struct Environment(BTreeMap<String, String>);

/// A value is missing or cannot be read: the function does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// The value is not there.
    #[error("`{0}` is not set: the template sets it, so deploy the template again")]
    Missing(String),
    /// The value is not an address.
    #[error("`{0}` is not an address like https://hub.example/: correct it and deploy the template again")]
    NoAddress(String),
    /// The value is not a number of whole minutes in seconds.
    #[error("`{0}` is not a number of seconds in whole minutes: correct it and deploy the template again")]
    NoInterval(String),
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    pub fn read() -> Self {
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// These values and no others.
    pub fn of(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(values.into_iter().collect())
    }

    /// A value without which the function cannot work.
    ///
    /// # Errors
    /// Its name, if it is missing or empty.
    pub fn need(&self, name: &str) -> Result<String, EnvironmentError> {
        self.may(name).ok_or_else(|| EnvironmentError::Missing(name.to_owned()))
    }

    /// A value that need not be there.
    #[must_use]
    pub fn may(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// What is decided by whoever runs the hub: `PUBLIC_URL`, `APP_NAME`, `INTERVAL_SECONDS`.
    ///
    /// # Errors
    /// The name of what is missing or cannot be read.
    pub fn settings(&self) -> Result<Settings, EnvironmentError> {
        let public_url = self.need("PUBLIC_URL")?;
        // A path is resolved against this address: without a slash at its end its last part would get lost.
        let public_url = if public_url.ends_with('/') { public_url } else { format!("{public_url}/") };
        let interval =
            self.need("INTERVAL_SECONDS")?.parse().ok().filter(|seconds| *seconds >= 60 && seconds % 60 == 0);
        Ok(Settings {
            public_url: Url::parse(&public_url)
                .map_err(|_| EnvironmentError::NoAddress("PUBLIC_URL".to_owned()))?,
            app_name: self.need("APP_NAME")?,
            interval_seconds: interval
                .ok_or_else(|| EnvironmentError::NoInterval("INTERVAL_SECONDS".to_owned()))?,
        })
    }
}

impl std::fmt::Debug for Environment {
    /// Shows the names and none of the values: some of those are secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(&str, &str)]) -> Environment {
        Environment::of(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn what_is_missing_is_named() {
        let environment = of(&[("TABLE", "t"), ("BUCKET", "")]);
        assert_eq!(environment.need("TABLE").unwrap(), "t");
        assert_eq!(environment.need("BUCKET"), Err(EnvironmentError::Missing("BUCKET".into())));
        let error = environment.need("INBOX_URL").unwrap_err().to_string();
        assert!(error.starts_with("`INBOX_URL` is not set"), "{error}");
    }

    #[test]
    fn settings_are_read_or_say_what_is_wrong() {
        let all = [
            ("PUBLIC_URL", "https://hub.example/dev"),
            ("APP_NAME", "Storeloom"),
            ("INTERVAL_SECONDS", "120"),
        ];
        let settings = of(&all).settings().unwrap();
        assert_eq!(settings.public_url.join("oauth").unwrap().as_str(), "https://hub.example/dev/oauth");
        for (name, wrong) in [("PUBLIC_URL", "hub"), ("APP_NAME", ""), ("INTERVAL_SECONDS", "90")] {
            let broken = all.map(|(key, value)| if key == name { (key, wrong) } else { (key, value) });
            assert!(of(&broken).settings().unwrap_err().to_string().contains(name), "{name}");
        }
    }
}
