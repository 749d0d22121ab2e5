//! Objects by their names (AWX contract section 1.1, named URLs).

use crate::authority::Authority;
use crate::denial::Refusal;
use crate::model::catalog;
use crate::model::object::Noun;
use crate::model::query::{Comparison, Lookup, PageRequest, Query, Sight, Term, Value};

impl Authority {
    /// The number of the user, organization, team or application of this name; the latter two by the name of
    /// their organization too. Whoever gets the number still has to ask whether the object may be seen.
    pub async fn find_named(
        &self,
        noun: Noun,
        name: &str,
        organization: Option<&str>,
    ) -> Result<Option<i64>, Refusal> {
        let own = if noun == Noun::User { "username" } else { "name" };
        let mut all: Vec<Term> = equal(noun, own, name).into_iter().collect();
        if let Some(organization) = organization {
            let Some(relation) = catalog::entry(noun).relation("organization") else { return Ok(None) };
            let term = equal(Noun::Organization, "name", organization);
            all.extend(term.map(|term| Term { path: vec![relation], ..term }));
        }
        let page = PageRequest { number: 1, size: 1 };
        let query = Query { all, page, is_count_disabled: true, ..Query::default() };
        let found = self.store.list(noun, &query, Sight::All).await?;
        Ok(found.and_then(|page| page.objects.first().map(crate::model::object::Object::id)))
    }
}

fn equal(noun: Noun, field: &str, text: &str) -> Option<Term> {
    let field = catalog::entry(noun).field(field)?;
    let value = Value::Text(text.to_owned());
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
    Some(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison })
}
