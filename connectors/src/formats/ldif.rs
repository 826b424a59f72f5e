//! LDIF
