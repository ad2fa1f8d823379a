//! The list as it came out of the manifest.

use platforms_all::all;

#[test]
fn every_platform_has_its_own_name() {
    let mut names: Vec<String> = all().iter().map(|platform| platform.slug().as_str().to_owned()).collect();
    let many = names.len();
    names.sort();
    names.dedup();
    assert!(many > 0 && names.len() == many, "{names:?}");
}

#[test]
fn a_line_of_the_manifest_is_a_platform() {
    let lines = include_str!("../Cargo.toml").lines();
    let named: Vec<&str> =
        lines.filter_map(|line| line.split_once(" = { path = \"../")).map(|(name, _)| name).collect();
    let there: Vec<String> = all().iter().map(|platform| platform.slug().as_str().to_owned()).collect();
    assert!(named.contains(&"shopify") && named.contains(&"woocommerce"), "{named:?}");
    assert_eq!(named, there);
}
