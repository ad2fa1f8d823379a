use std::path::Path;

use apollo_compiler::{ExecutableDocument, Schema};

use crate::documents;
use crate::moves;

/// The schema's part that the simulated shop answers by: a copy of the platform's own words.
fn schema() -> apollo_compiler::validation::Valid<Schema> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/simulators/src/shopify/admin-2026-10.graphql");
    let text = std::fs::read_to_string(path).unwrap();
    Schema::parse_and_validate(text, "admin-2026-10.graphql").unwrap()
}

#[test]
fn every_document_is_valid_in_the_schema() {
    let schema = schema();
    assert!(documents().len() > 30);
    for (name, text) in documents() {
        if let Err(wrong) = ExecutableDocument::parse_and_validate(&schema, *text, format!("{name}.graphql"))
        {
            panic!("{name}: {wrong}");
        }
    }
    let many = moves::document(40);
    ExecutableDocument::parse_and_validate(&schema, many, "set_quantities.graphql").unwrap();
}

#[test]
fn a_document_with_a_wrong_field_is_caught() {
    let text = "query { shop { id horoscope } }";
    assert!(ExecutableDocument::parse_and_validate(&schema(), text, "wrong.graphql").is_err());
}

#[test]
fn bulk_queries_keep_the_rules_of_bulk_operations() {
    for (name, text) in
        documents().iter().filter(|(name, _)| name.starts_with("bulk_") && *name != "bulk_run")
    {
        // One field at the top, no variables, lists by edges and nodes, each record above a list with its id.
        assert!(text.starts_with("{\n  "), "{name}");
        assert!(!text.contains('$') && !text.contains("nodes") && !text.contains('('), "{name}");
        let lists = text.matches("edges {").count();
        assert_eq!(text.matches("node {\n").count(), lists, "{name}");
        assert_eq!(text.matches("node {\n").count(), 2, "{name}");
        let heads = text.split("node {\n").skip(1).filter(|body| body.trim_start().starts_with("id\n"));
        assert_eq!(heads.count(), 2, "{name}");
    }
}
