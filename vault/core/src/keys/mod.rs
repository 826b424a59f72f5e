//! The keys of the house and what they seal.
