//! Lists and single objects, as far as somebody may see them.

use identity::model::object::{Noun, Object};
use identity::model::query::{PageRequest, Query, Sight};
use identity::port::{Page, References};
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::rows::{Read, spoiled};
use crate::sight::Eyes;
use crate::statement::Statement;
use crate::{columns, filter, objects, references};

/// Most objects on a page, whatever is asked for.
const PAGE_MAX: u64 = 1_000_000;

/// One object, if it may be seen.
pub(crate) async fn find(
    connection: &mut SqliteConnection,
    noun: Noun,
    id: i64,
    sight: Sight,
) -> Read<Option<(Object, References)>> {
    let Some((table, columns)) = objects::table(noun) else { return Ok(None) };
    let eyes = Eyes::open(connection, sight).await?;
    let mut statement = Statement::default();
    statement.push("SELECT ").push(columns).push(" FROM ").push(table).push(" o");
    filter::visible(noun, &eyes, &mut statement);
    statement.push(" AND o.id = ").integer(id);
    let rows = statement.fetch(connection).await?;
    let Some(object) = objects::read_all(connection, noun, &rows).await?.pop() else { return Ok(None) };
    let references = references::of(connection, std::slice::from_ref(&object)).await?;
    Ok(Some((object, references)))
}

/// A page of a list; none if there is no such page.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    noun: Noun,
    query: &Query,
    sight: Sight,
) -> Read<Option<Page>> {
    let Some((table, columns)) = objects::table(noun) else { return Ok(None) };
    let eyes = Eyes::open(connection, sight).await?;
    let size = query.page.size.clamp(1, PAGE_MAX);
    let is_last = query.page.number == PageRequest::LAST;
    let mut total = None;
    if is_last || !query.is_count_disabled {
        let mut statement = Statement::default();
        statement.push("SELECT COUNT(*) FROM ").push(table).push(" o");
        filter::conditions(noun, query, &eyes, &mut statement);
        let rows = statement.fetch(connection).await?;
        let row = rows.first().ok_or_else(|| spoiled("a count without a row"))?;
        total = Some(row.try_get::<i64, _>(0)?.unsigned_abs());
    }
    let Some(number) = page(query.page.number, size, total) else { return Ok(None) };
    let Some(offset) = (number - 1).checked_mul(size).and_then(|it| i64::try_from(it).ok()) else {
        return Ok(None);
    };
    let mut statement = Statement::default();
    statement.push("SELECT ").push(columns).push(" FROM ").push(table).push(" o");
    filter::conditions(noun, query, &eyes, &mut statement);
    order(noun, query, &mut statement);
    statement.push(" LIMIT ").integer(i64::try_from(size).unwrap_or(i64::MAX));
    statement.push(" OFFSET ").integer(offset);
    let rows = statement.fetch(connection).await?;
    if rows.is_empty() && number > 1 {
        return Ok(None);
    }
    let objects = objects::read_all(connection, noun, &rows).await?;
    let references = references::of(connection, &objects).await?;
    let total = total.filter(|_| !query.is_count_disabled);
    Ok(Some(Page { objects, references, total, number }))
}

/// The number of the page that is asked for; none if there is no such page.
fn page(asked: u64, size: u64, total: Option<u64>) -> Option<u64> {
    let last = total.map(|total| total.div_ceil(size).max(1));
    match (asked, last) {
        (0, _) => None,
        (PageRequest::LAST, last) => last,
        (number, Some(last)) if number > last => None,
        (number, _) => Some(number),
    }
}

fn order(noun: Noun, query: &Query, to: &mut Statement) {
    to.push(" ORDER BY ");
    for key in &query.order {
        if let Some(expression) = columns::expression(noun, key.field.name, filter::ROOT) {
            // What is not there counts as the greatest.
            let direction = if key.is_descending { " DESC NULLS FIRST, " } else { " ASC NULLS LAST, " };
            to.push(&expression).push(direction);
        }
    }
    to.push("o.id");
}
