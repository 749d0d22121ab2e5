//! Endpoints: one table of what is served where, for routing manners, OPTIONS, the `OpenAPI` document and the
//! test that calls every one of them without a proof.

/// One own endpoint.
#[derive(Debug)]
pub struct Endpoint {
    /// Its path; a segment in braces, such as `{id}`, stands for any one segment.
    pub path: &'static str,
    /// The methods it knows, as `Allow` lists them, such as `GET, HEAD, OPTIONS`.
    pub methods: &'static str,
    /// Who may come.
    pub access: Access,
    /// Its name for people, in OPTIONS and on HTML pages.
    pub name: &'static str,
}

/// Who may come to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only those who show a proof.
    Known,
    /// Everybody. A proof that is shown must be good.
    Public,
    /// Everybody, and no proof is looked at. The endpoint is a page: it writes all its headers itself and
    /// answers methods that it does not know itself.
    Page,
}

impl Endpoint {
    /// Whether it answers without a proof.
    pub fn is_public(&self) -> bool {
        self.access != Access::Known
    }

    /// Whether it knows this method.
    pub fn allows(&self, method: &str) -> bool {
        self.methods.split(", ").any(|it| it == method)
    }

    /// Whether this path is its path.
    pub fn matches(&self, path: &str) -> bool {
        let mut wanted = self.path.split('/');
        let mut given = path.split('/');
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) => {
                    let is_any = wanted.starts_with('{') && !given.is_empty();
                    if !is_any && wanted != given {
                        return false;
                    }
                }
                (Some(_), None) | (None, Some(_)) => return false,
            }
        }
    }
}

/// Tables of endpoints.
pub type Tables = &'static [&'static [Endpoint]];

/// The endpoint at a path. Fixed paths go before those with a variable segment.
pub fn find(tables: Tables, path: &str) -> Option<&'static Endpoint> {
    let all = || tables.iter().flat_map(|table| table.iter());
    all().find(|endpoint| endpoint.path == path).or_else(|| all().find(|endpoint| endpoint.matches(path)))
}
