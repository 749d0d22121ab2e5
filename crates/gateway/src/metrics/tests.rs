//! The text: names, labels, escapes.

use super::{COUNTERS, Page};

#[test]
fn labels_are_escaped_and_samples_follow_their_family() {
    let mut page = Page::default();
    page.family("portcullis_x", "gauge", "What it is.");
    page.sample("portcullis_x", &[("service", "a\"b\\c\nd"), ("state", "open")], 3);
    page.sample("portcullis_x", &[], 0);
    assert_eq!(
        page.0,
        "# HELP portcullis_x What it is.\n# TYPE portcullis_x gauge\n\
         portcullis_x{service=\"a\\\"b\\\\c\\nd\",state=\"open\"} 3\nportcullis_x 0\n"
    );
}

#[test]
fn every_counter_has_a_name_of_its_own() {
    for (index, (name, _)) in COUNTERS.iter().enumerate() {
        assert!(COUNTERS[..index].iter().all(|it| it.0 != *name), "{name}");
    }
}
