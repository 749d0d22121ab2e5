//! Tests of the server half beyond single exchanges: what one request changes for the next.
