//! Fields: one declarative table per kind of object. Validation, OPTIONS and the `OpenAPI` document are all
//! made from it, so they cannot disagree.

/// One field of an object, as the wire shows it.
#[must_use]
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Who writes it.
    pub access: Access,
    /// Whether it must be given when an object is made or replaced.
    pub is_required: bool,
    /// Whether it may be null.
    pub is_nullable: bool,
    /// Whether an empty text is a value.
    pub is_blank_allowed: bool,
    /// Most characters of a text.
    pub length_max: Option<usize>,
    /// What it means, in a sentence.
    pub help: &'static str,
    /// Its name for people, where that is not made from its own.
    pub title: &'static str,
    /// What it holds when nothing is said.
    pub default: Option<Default>,
    /// Whether lists can be filtered by it, where OPTIONS tells so.
    pub is_filterable: bool,
}

/// A default, as a constant can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// A text.
    Text(&'static str),
    /// A number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Integer,
    /// A text.
    Text,
    /// A text whose surrounding spaces count, and which is never shown.
    Password,
    /// An address such as `ada@example.com`.
    Email,
    /// A user's name.
    Username,
    /// An `http` or `https` address.
    Url,
    /// True or false.
    Boolean,
    /// An instant.
    Instant,
    /// One of these words; each with its label.
    Choice(&'static [(&'static str, &'static str)]),
    /// The number of another object.
    Key,
    /// The stable name of another object.
    Uuid,
    /// Several texts.
    List,
    /// Something else that is only shown.
    Shown,
    /// Any JSON that is only shown.
    Json,
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Clients read and write it.
    Written,
    /// Clients write it when they make the object, and only read it then.
    Created,
    /// Clients only read it.
    Read,
}

impl Field {
    /// A field that clients may write.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            access: Access::Written,
            is_required: false,
            is_nullable: false,
            is_blank_allowed: false,
            length_max: None,
            help: "",
            title: "",
            default: None,
            is_filterable: true,
        }
    }

    /// A field that clients only read.
    pub const fn read(name: &'static str, kind: Kind) -> Self {
        Self { access: Access::Read, ..Self::new(name, kind) }
    }

    /// A text that may be empty.
    pub const fn text(name: &'static str) -> Self {
        Self { is_blank_allowed: true, ..Self::new(name, Kind::Text) }
    }

    /// Must be given; an empty text is no value.
    pub const fn required(self) -> Self {
        Self { is_required: true, is_blank_allowed: false, ..self }
    }

    /// Cannot be changed once the object is made.
    pub const fn created(self) -> Self {
        Self { access: Access::Created, ..self }
    }

    /// May be null.
    pub const fn nullable(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    /// May be empty.
    pub const fn blank(self) -> Self {
        Self { is_blank_allowed: true, ..self }
    }

    /// At most so many characters.
    pub const fn max(self, characters: usize) -> Self {
        Self { length_max: Some(characters), ..self }
    }

    /// Means this.
    pub const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Is called so.
    pub const fn title(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Holds this when nothing is said.
    pub const fn default(self, default: Default) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Lists cannot be filtered by it.
    pub const fn unfilterable(self) -> Self {
        Self { is_filterable: false, ..self }
    }

    /// Whether clients only read it, when an object is made or when one is changed.
    pub fn is_read_only(&self, is_made: bool) -> bool {
        match self.access {
            Access::Written => false,
            Access::Created => !is_made,
            Access::Read => true,
        }
    }

    /// Its name for people: the first letter large, spaces for underscores.
    pub fn label(&self) -> String {
        if !self.title.is_empty() {
            return self.title.to_owned();
        }
        let mut label = self.name.replace('_', " ");
        if let Some(first) = label.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        label
    }
}

/// The fields that every object begins with: numbers, addresses, stamps ("common8" of contract section A0).
pub const COMMON: [Field; 8] = [
    Field::read("id", Kind::Integer),
    Field::read("url", Kind::Shown),
    Field::read("related", Kind::Shown),
    Field::read("summary_fields", Kind::Shown),
    Field::read("created", Kind::Instant).help("When this object was created."),
    Field::read("created_by", Kind::Shown).nullable().help("The user who created this object."),
    Field::read("modified", Kind::Instant).help("When this object was modified last."),
    Field::read("modified_by", Kind::Shown).nullable().help("The user who modified this object last."),
];
