//! What a rule met and what breaks it.

/// How many findings are told.
const SHOWN: usize = 40;

/// The result of one rule over the tree.
#[derive(Debug, Default)]
pub struct Findings {
    /// How many things the rule looked at.
    pub met: usize,
    /// What breaks the rule, a sentence each.
    pub wrong: Vec<String>,
}

impl Findings {
    /// Counts one more thing looked at.
    pub fn meet(&mut self) {
        self.met += 1;
    }

    /// Notes what breaks the rule.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.wrong.push(sentence.into());
    }

    /// Fails when anything breaks the rule, and when the rule met nothing.
    ///
    /// # Panics
    /// That is how it fails.
    pub fn settle(self) {
        assert!(self.met > 0, "the rule met nothing: it looks at the wrong place");
        let shown: Vec<&str> = self.wrong.iter().take(SHOWN).map(String::as_str).collect();
        assert!(
            self.wrong.is_empty(),
            "{} findings break the rule, of {} things met; the first of them:\n  {}",
            self.wrong.len(),
            self.met,
            shown.join("\n  ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::Findings;

    #[test]
    #[should_panic(expected = "met nothing")]
    fn a_rule_that_met_nothing_fails() {
        Findings::default().settle();
    }

    #[test]
    #[should_panic(expected = "1 findings break the rule")]
    fn a_broken_rule_fails() {
        Findings { met: 1, wrong: vec!["this".into()] }.settle();
    }

    #[test]
    fn a_kept_rule_passes() {
        Findings { met: 1, wrong: Vec::new() }.settle();
    }
}
