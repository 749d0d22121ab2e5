//! The headers of this contract's answers, in its order (contract section 1.3).

use super::wire::{NOT_FOUND, PRODUCT, VERSION};
use crate::drf::manner::{GUARDS, Manner, Said, Slot};

const LANGUAGE: Slot = ("content-language", Said::Words("en"));
const TOTAL_TIME: Slot = ("x-api-total-time", Said::Elapsed);
const REQUEST_ID: Slot = ("x-api-request-id", Said::PlainRequestId);
const EXPOSE: Slot = ("access-control-expose-headers", Said::Words("X-API-Request-Id"));

/// The contract's manner.
pub static MANNER: Manner = Manner {
    api: &[
        ("content-type", Said::Own),
        ("location", Said::Own),
        ("www-authenticate", Said::Own),
        ("vary", Said::Words("Accept, Accept-Language, origin, Cookie")),
        ("allow", Said::Methods),
        ("x-api-product-version", Said::KnownWords(VERSION)),
        ("x-api-product-name", Said::Words(PRODUCT)),
        ("x-api-node", Said::Node),
        ("x-api-time", Said::Elapsed),
        ("warning", Said::Own),
        ("session-timeout", Said::Own),
        LANGUAGE,
        TOTAL_TIME,
        REQUEST_ID,
        EXPOSE,
        GUARDS[0],
        GUARDS[1],
        GUARDS[2],
        GUARDS[3],
        GUARDS[4],
    ],
    nowhere: &[
        ("content-type", Said::Own),
        ("location", Said::Own),
        ("vary", Said::Words("Accept-Language, origin")),
        LANGUAGE,
        TOTAL_TIME,
        REQUEST_ID,
        EXPOSE,
        GUARDS[0],
        GUARDS[1],
        GUARDS[2],
        GUARDS[3],
        GUARDS[4],
    ],
    page: &[LANGUAGE, TOTAL_TIME, REQUEST_ID, EXPOSE, GUARDS[0], GUARDS[1], GUARDS[2], GUARDS[3], GUARDS[4]],
    not_found: NOT_FOUND,
    redirects_all: true,
    overlooks_bad_proofs: true,
    parses: &["application/json"],
    translates: false,
};
