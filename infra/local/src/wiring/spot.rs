//! A place in the template: what stands there, in YAML with the short words of CloudFormation (`!Ref`, `!GetAtt`,
//! `!Sub`), and how one gets there, for whoever has to mend it.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, Yaml};

use super::WiringError;

/// A template's text, read.
pub(super) struct Text<'a>(Yaml<'a>);

impl<'a> Text<'a> {
    /// Reads a text; it holds one document.
    pub(super) fn read(text: &'a str) -> Result<Self, WiringError> {
        let documents = Yaml::load_from_str(text)
            .map_err(|error| WiringError::new("the template", format!("it is not YAML: {error}")))?;
        let document = documents.into_iter().next();
        document.map(Self).ok_or_else(|| WiringError::new("the template", "nothing stands in it"))
    }

    /// Its outermost place.
    pub(super) fn whole(&self) -> Spot<'_, 'a> {
        Spot { node: &self.0, at: String::new() }
    }
}

/// A place in the template.
#[derive(Clone)]
pub(super) struct Spot<'t, 'a> {
    node: &'t Yaml<'a>,
    at: String,
}

/// The parameters of a template that are not given when it is tried: each with its default.
pub(super) type Defaults<'t, 'a> = BTreeMap<String, Spot<'t, 'a>>;

impl<'t, 'a> Spot<'t, 'a> {
    /// What stands under a key, if anything.
    pub(super) fn may(&self, key: &str) -> Option<Self> {
        let node = self.node.as_mapping_get(key)?;
        let at = if self.at.is_empty() { key.to_owned() } else { format!("{}.{key}", self.at) };
        Some(Self { node, at })
    }

    /// What stands under keys, each below the one before, if anything.
    pub(super) fn deep(&self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self.clone(), |spot, key| spot.may(key))
    }

    /// What must stand under a key.
    pub(super) fn need(&self, key: &str) -> Result<Self, WiringError> {
        self.may(key).ok_or_else(|| self.wrong(format!("{key} is missing")))
    }

    /// The keys and what stands under them, in their order; none if this is no mapping.
    pub(super) fn entries(&self) -> Vec<(String, Self)> {
        let mapping = self.node.as_mapping();
        let keys = mapping.into_iter().flat_map(|mapping| mapping.keys()).filter_map(|key| key.as_str());
        keys.filter_map(|key| Some((key.to_owned(), self.may(key)?))).collect()
    }

    /// What stands in a list, in its order; none if this is no list.
    pub(super) fn items(&self) -> Vec<Self> {
        let list = self.node.as_sequence().map(Vec::as_slice).unwrap_or_default();
        let numbered = list.iter().enumerate();
        numbered.map(|(place, node)| Self { node, at: format!("{}[{place}]", self.at) }).collect()
    }

    /// A text, or a parameter whose default is one.
    pub(super) fn text(&self, defaults: &Defaults<'t, 'a>) -> Result<&'t str, WiringError> {
        let spot = self.given(defaults);
        spot.node.as_str().ok_or_else(|| self.wrong("a text must stand here".to_owned()))
    }

    /// A whole number, or a parameter whose default is one.
    pub(super) fn number(&self, defaults: &Defaults<'t, 'a>) -> Result<u64, WiringError> {
        let spot = self.given(defaults);
        let number = spot.node.as_integer().and_then(|number| u64::try_from(number).ok());
        // CloudFormation takes numbers in quotes, too.
        let number = number.or_else(|| spot.node.as_str().and_then(|text| text.parse().ok()));
        number.ok_or_else(|| self.wrong("a whole number must stand here".to_owned()))
    }

    /// Yes or no.
    pub(super) fn yes(&self) -> bool {
        self.node.as_bool().or_else(|| self.node.as_str().map(|text| text == "true")) == Some(true)
    }

    /// The resource that is named here: `!Ref X`, `!GetAtt X.Arn`, `!Sub ".../${X}"`, or their long forms.
    pub(super) fn resource(&self) -> Result<String, WiringError> {
        let named = self.word().and_then(|(word, named)| match word {
            "Ref" => named.as_str(),
            "GetAtt" => named
                .as_str()
                .and_then(|path| path.split('.').next())
                .or_else(|| named.as_sequence()?.first()?.as_str()),
            "Sub" => named.as_str().and_then(|text| text.split_once("${")?.1.split(['}', '.']).next()),
            _ => None,
        });
        named
            .map(str::to_owned)
            .ok_or_else(|| self.wrong("a resource must be named here, as !Ref".to_owned()))
    }

    /// What is wrong here.
    pub(super) fn wrong(&self, wrong: String) -> WiringError {
        WiringError::new(&self.at, wrong)
    }

    /// The short or long word that stands here, and what it is said of.
    fn word(&self) -> Option<(&str, &'t Yaml<'a>)> {
        if let Yaml::Tagged(tag, named) = self.node {
            return Some((&*tag.suffix, named));
        }
        let mapping = self.node.as_mapping().filter(|mapping| mapping.len() == 1)?;
        let (key, named) = mapping.iter().next()?;
        Some((key.as_str().map(|key| key.trim_start_matches("Fn::"))?, named))
    }

    /// The default of the parameter that is named here, or what stands here.
    fn given(&self, defaults: &Defaults<'t, 'a>) -> Self {
        let named = self.word().filter(|(word, _)| *word == "Ref").and_then(|(_, named)| named.as_str());
        named.and_then(|name| defaults.get(name)).cloned().unwrap_or_else(|| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
Tagged: {ref: !Ref A, att: !GetAtt B.Arn, list: !GetAtt [C, Arn], sub: !Sub \"integrations/${D}\"}
Long:
  ref: {Ref: A}
  att: {\"Fn::GetAtt\": [C, Arn]}
  sub: {\"Fn::Sub\": \"x/${D.Arn}/y\"}
Numbers: {plain: 7, quoted: \"8\", given: !Ref Nine, none: many}
";

    #[test]
    fn resources_are_named_in_short_and_in_long() {
        let text = Text::read(TEXT).unwrap();
        let whole = text.whole();
        let named = |keys: &[&str]| whole.deep(keys).unwrap().resource().unwrap();
        assert_eq!(named(&["Tagged", "ref"]), "A");
        assert_eq!(named(&["Tagged", "att"]), "B");
        assert_eq!(named(&["Tagged", "list"]), "C");
        assert_eq!(named(&["Tagged", "sub"]), "D");
        assert_eq!(named(&["Long", "ref"]), "A");
        assert_eq!(named(&["Long", "att"]), "C");
        assert_eq!(named(&["Long", "sub"]), "D");
        let wrong = whole.deep(&["Numbers", "plain"]).unwrap().resource().unwrap_err().to_string();
        assert!(wrong.contains("Numbers.plain"), "{wrong}");
    }

    #[test]
    fn numbers_stand_plain_in_quotes_or_in_a_parameter() {
        let (text, nine) = (Text::read(TEXT).unwrap(), Text::read("Default: 9").unwrap());
        let (whole, nine) = (text.whole(), nine.whole());
        let defaults = Defaults::from([("Nine".to_owned(), nine.need("Default").unwrap())]);
        let number = |key: &str| whole.deep(&["Numbers", key]).unwrap().number(&defaults);
        assert_eq!(["plain", "quoted", "given"].map(|key| number(key).unwrap()), [7, 8, 9]);
        assert!(number("none").unwrap_err().to_string().contains("Numbers.none"));
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        assert!(Text::read("a: [1, 2").is_err());
        assert!(Text::read("").is_err());
    }
}
