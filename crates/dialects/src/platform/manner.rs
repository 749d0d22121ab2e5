//! The headers of this contract's answers, in its order (contract section A0).

use crate::drf::manner::{GUARDS, Manner, Said};
use crate::drf::options::ALL_KINDS;

/// The contract's manner.
pub static MANNER: Manner = Manner {
    api: &[
        ("content-type", Said::Own),
        ("location", Said::Own),
        ("www-authenticate", Said::Own),
        ("vary", Said::Words("Accept, Cookie")),
        ("allow", Said::Methods),
        ("x-api-product-version", Said::Version),
        ("x-api-product-name", Said::Product),
        ("x-api-node", Said::Node),
        ("x-api-time", Said::Elapsed),
        GUARDS[0],
        GUARDS[1],
        GUARDS[2],
        GUARDS[3],
        GUARDS[4],
        ("x-request-id", Said::RequestId),
    ],
    nowhere: &[
        ("content-type", Said::Own),
        ("location", Said::Own),
        ("www-authenticate", Said::Own),
        ("vary", Said::Words("Cookie")),
        GUARDS[0],
        GUARDS[1],
        GUARDS[2],
        GUARDS[3],
        GUARDS[4],
        ("x-request-id", Said::RequestId),
    ],
    page: &[GUARDS[0], GUARDS[1], GUARDS[2], GUARDS[3], GUARDS[4], ("x-request-id", Said::RequestId)],
    not_found: "Not found.",
    redirects_all: false,
    overlooks_bad_proofs: false,
    parses: &ALL_KINDS,
    translates: true,
};
