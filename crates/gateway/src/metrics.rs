//! How the gateway fares, in the text format that Prometheus reads (exposition format 0.0.4).

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::admin::Standing;
use crate::upstream::session::{Report, State};

/// The type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The text.
pub fn text(standing: &Standing<'_>) -> String {
    let mut page = Page::default();
    page.family("portcullis_connections", "gauge", "Connections of clients at the moment.");
    page.sample("portcullis_connections", &[], standing.connections as u64);
    page.family("portcullis_requests_in_flight", "gauge", "Requests that a service has at the moment.");
    for (service, count) in &standing.in_flight {
        page.sample("portcullis_requests_in_flight", &[("service", service)], *count as u64);
    }
    sessions(&mut page, &standing.keepers.reports());
    page.0
}

fn sessions(page: &mut Page, reports: &[Report]) {
    page.family(
        "portcullis_upstream_session_state",
        "gauge",
        "1 for the state that the session of a service is in.",
    );
    for report in reports {
        for state in State::NAMES {
            let is_it = report.state.as_str() == state;
            let labels =
                [("service", report.service.as_str()), ("account", &report.username), ("state", state)];
            page.sample("portcullis_upstream_session_state", &labels, u64::from(is_it));
        }
    }
    let gauges: [Gauge; 4] = [
        ("portcullis_upstream_session_held", "Sessions held at a service.", |it| it.held),
        ("portcullis_upstream_session_held_max", "Sessions that there may be.", |it| it.sessions_max),
        ("portcullis_upstream_session_waiting", "Requests that wait for a session or their turn.", |it| {
            it.waiting
        }),
        ("portcullis_upstream_session_waiting_max", "Requests that may wait.", |it| it.queue_max),
    ];
    for (name, help, value) in gauges {
        page.family(name, "gauge", help);
        for report in reports {
            page.sample(name, &[("service", &report.service)], value(report) as u64);
        }
    }
    for (index, (name, help)) in COUNTERS.iter().enumerate() {
        let name = format!("portcullis_upstream_session_{name}_total");
        page.family(&name, "counter", help);
        for report in reports {
            let count = report.counts.get(index).map_or(0, |it| it.1);
            page.sample(&name, &[("service", &report.service)], count);
        }
    }
    let name = "portcullis_upstream_session_ends_total";
    page.family(name, "counter", "Sessions that came to their end by themselves, and how that was noticed.");
    for report in reports {
        for (way, count) in &report.ends {
            page.sample(name, &[("service", &report.service), ("way", way)], *count);
        }
    }
}

/// The counters of a report in their order, and what each counts.
const COUNTERS: [(&str, &str); 8] = [
    ("logins", "Logins that won a session."),
    ("renewals", "Sessions that were lengthened without a login."),
    ("refusals", "Logins that the service refused."),
    ("failures", "Logins that failed in any other way."),
    ("upkeeps", "Requests that kept a session alive."),
    ("false_deaths", "Sessions that an answer made look dead and that lived."),
    ("sign_outs", "Sessions that were signed out."),
    ("taken_up", "Sessions of an earlier process that were taken up again."),
];

/// A gauge of each service: its name, what it shows, and where that is in a report.
type Gauge = (&'static str, &'static str, fn(&Report) -> usize);

/// A text that grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing into a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            self.0.push(if index == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"");
            for char in text.chars() {
                match char {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    other => self.0.push(other),
                }
            }
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }
}
