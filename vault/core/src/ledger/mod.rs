//! The audit log: append-only, a Merkle tree (RFC 9162), signed.
