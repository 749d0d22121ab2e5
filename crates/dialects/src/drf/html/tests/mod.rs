//! Tests of the pages that all contracts share.

mod page;
