//! Password hashes: made, checked, bounded.
