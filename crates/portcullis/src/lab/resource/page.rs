//! How each platform spells its lists: their paths, their rows, and where the next page is.

use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use crate::lab::Platform;
use crate::lab::platform::query_value;

/// Rows on a page where the request does not say.
const PAGE: usize = 25;
/// Most rows on a page.
const PAGE_MAX: usize = 200;

/// Where Catalyst Manager's statistics database answers.
const SCROLLED: [&str; 4] = [
    "/dataservice/data/device/statistics/",
    "/dataservice/statistics/",
    "/dataservice/alarms",
    "/dataservice/event",
];

/// The lists of a platform, without slashes at their ends.
pub fn lists(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Aap | Platform::Astra => &[
            "/api/controller/v2/job_templates",
            "/api/controller/v2/inventories",
            "/api/controller/v2/projects",
            "/api/controller/v2/jobs",
            "/api/controller/v2/hosts",
            "/api/galaxy/v3/collections",
            "/api/eda/v1/activations",
            "/api/eda/v1/projects",
        ],
        Platform::Awx | Platform::AwxWithoutTokens => {
            &["/api/v2/job_templates", "/api/v2/inventories", "/api/v2/projects", "/api/v2/jobs"]
        }
        Platform::Catalyst => &[
            "/dataservice/device",
            "/dataservice/template/device",
            "/dataservice/template/feature",
            "/dataservice/alarms",
            "/dataservice/event",
            "/dataservice/data/device/state/Interface",
            "/dataservice/data/device/statistics/interfacestatistics",
        ],
        Platform::Apprenda => &[
            "/soc/api/v1/clouds",
            "/soc/api/v1/nodes",
            "/developer/api/v1/apps",
            "/account/api/v1/users",
            "/account/api/v1/roles",
        ],
    }
}

/// What OPTIONS says of a row, or of a list and of what can be done with a row; none where the platform does not answer it.
pub fn describe(platform: Platform, is_row: bool) -> Option<Value> {
    match platform {
        Platform::Aap | Platform::Astra | Platform::Awx | Platform::AwxWithoutTokens => {}
        Platform::Catalyst | Platform::Apprenda => return None,
    }
    let text = |label: &str, required: bool| json!({ "type": "string", "required": required, "read_only": false, "label": label, "filterable": true });
    let fields = json!({ "name": text("Name", true), "description": text("Description", false) });
    let mut shown = fields.clone();
    shown["id"] = json!({ "type": "integer", "label": "ID", "filterable": true });
    let change = if is_row { "PUT" } else { "POST" };
    Some(json!({
        "name": if is_row { "Detail" } else { "List" },
        "renders": ["application/json"],
        "parses": ["application/json"],
        "actions": { "GET": shown, change: fields },
    }))
}

/// The methods of a row, or of a list.
pub fn allowed(is_row: bool) -> &'static str {
    if is_row { "GET, PUT, PATCH, DELETE, HEAD, OPTIONS" } else { "GET, POST, HEAD, OPTIONS" }
}

/// The status of something made.
pub fn made(platform: Platform) -> StatusCode {
    if platform == Platform::Catalyst { StatusCode::OK } else { StatusCode::CREATED }
}

/// What one of many is called.
fn one_of(many: &str) -> String {
    let one = many.strip_suffix("ies").map(|it| format!("{it}y"));
    one.unwrap_or_else(|| many.trim_end_matches('s').to_owned())
}

/// A row as it is at the start.
pub fn row(platform: Platform, list: &str, id: u64) -> Value {
    let word = list.rsplit('/').next().unwrap_or_default();
    match platform {
        Platform::Aap | Platform::Astra | Platform::Awx | Platform::AwxWithoutTokens => json!({
            "id": id,
            "type": one_of(word),
            "url": format!("{list}/{id}/"),
            "name": format!("{word} {id}"),
            "description": "",
        }),
        Platform::Catalyst => json!({
            "uuid": format!("device-{id}"),
            "templateId": format!("template-{id}"),
            "templateName": format!("template-{id}"),
            "deviceId": format!("10.0.{}.{}", id / 250, id % 250 + 1),
            "system-ip": format!("10.0.{}.{}", id / 250, id % 250 + 1),
            "host-name": format!("edge-{id}"),
            "site-id": format!("{}", 100 + id % 10),
            "reachability": "reachable",
            "device-type": "vedge",
            "device-model": "vedge-C8000V",
        }),
        Platform::Apprenda => json!({
            "id": id,
            "name": format!("{word} {id}"),
            "alias": format!("{word}-{id}"),
            "href": format!("{list}/{id}"),
        }),
    }
}

/// One page of a list. Catalyst Manager's lists have pages only if the request says how long they are to be.
pub fn show(platform: Platform, rows: &[Value], request: &Parts) -> Value {
    let number = |name: &str| query_value(request, name).and_then(|it| it.parse::<usize>().ok());
    let count = rows.len();
    match platform {
        Platform::Aap | Platform::Astra | Platform::Awx | Platform::AwxWithoutTokens => {
            let page = Page::of(number("page"), number("page_size"), count);
            let path = request.uri.path();
            let address = |page: Option<usize>, size: usize| {
                page.map_or(Value::Null, |it| {
                    if size == PAGE {
                        json!(format!("{path}?page={it}"))
                    } else {
                        json!(format!("{path}?page={it}&page_size={size}"))
                    }
                })
            };
            json!({
                "count": count,
                "next": address(page.next(), page.size),
                "previous": address(page.previous(), page.size),
                "results": page.rows(rows),
            })
        }
        Platform::Catalyst => match number("count") {
            None => json!({ "header": { "generatedOn": 1_700_000_000_000_u64 }, "data": rows }),
            Some(size) if SCROLLED.iter().any(|it| request.uri.path().starts_with(it)) => {
                let place = query_value(request, "scrollId").map_or(0, place_of);
                scroll(rows, size.clamp(1, PAGE_MAX), place)
            }
            Some(size) => part(rows, size.clamp(1, PAGE_MAX), number("startId").unwrap_or(0)),
        },
        Platform::Apprenda => {
            let page = Page::of(number("pageNumber"), number("pageSize"), count);
            let address = |number: Option<usize>| {
                let href = |it| format!("{}?pageNumber={it}&pageSize={}", place(request), page.size);
                number.map_or(json!({ "href": null }), |it| json!({ "href": href(it) }))
            };
            json!({
                "totalCount": count,
                "pageNumber": page.number,
                "pageSize": page.size,
                "firstPage": address(Some(1)),
                "previousPage": address(page.previous()),
                "nextPage": address(page.next()),
                "items": page.rows(rows),
            })
        }
    }
}

/// The name of a place in a scroll: in the alphabet of real ones, with what a client has to encode.
fn name_of(place: usize) -> String {
    format!("DXF1ZXJ5/{place}==")
}

/// The place that a query names, encoded or not.
fn place_of(name: &str) -> usize {
    let digits = name.rsplit(['/', 'F']).next().unwrap_or_default();
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// A page of what Catalyst Manager's statistics database holds: from where a scroll stands, so many.
fn scroll(rows: &[Value], size: usize, start: usize) -> Value {
    let start = start.min(rows.len());
    let end = start.saturating_add(size).min(rows.len());
    json!({
        "header": { "generatedOn": 1_700_000_000_000_u64 },
        "pageInfo": { "scrollId": name_of(end), "hasMoreData": end < rows.len(), "count": end - start },
        "data": rows[start..end],
    })
}

/// A page of Catalyst Manager's other long lists: from behind an entry on, so many.
fn part(rows: &[Value], size: usize, start: usize) -> Value {
    let start = start.min(rows.len());
    let end = (start + size).min(rows.len());
    json!({
        "header": { "generatedOn": 1_700_000_000_000_u64 },
        "pageInfo": {
            "startId": start.to_string(),
            "endId": end.to_string(),
            "moreEntries": end < rows.len(),
            "count": end - start,
        },
        "data": rows[start..end],
    })
}

/// The address of a list as whoever asked knows it.
fn place(request: &Parts) -> String {
    let header = |name: &str| request.headers.get(name).and_then(|it| it.to_str().ok());
    let host = header("x-forwarded-host").or_else(|| header("host")).unwrap_or("localhost");
    let scheme = header("x-forwarded-proto").unwrap_or("https");
    format!("{scheme}://{host}{}", request.uri.path())
}

/// A page by number.
struct Page {
    number: usize,
    size: usize,
    count: usize,
}

impl Page {
    fn of(number: Option<usize>, size: Option<usize>, count: usize) -> Self {
        let size = size.filter(|it| *it > 0).unwrap_or(PAGE).min(PAGE_MAX);
        Self { number: number.unwrap_or(1).max(1), size, count }
    }

    fn next(&self) -> Option<usize> {
        (self.number.saturating_mul(self.size) < self.count).then(|| self.number + 1)
    }

    fn previous(&self) -> Option<usize> {
        (self.number > 1).then(|| self.number - 1)
    }

    fn rows(&self, rows: &[Value]) -> Vec<Value> {
        rows.iter().skip((self.number - 1).saturating_mul(self.size)).take(self.size).cloned().collect()
    }
}
