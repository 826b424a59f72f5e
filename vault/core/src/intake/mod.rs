//! What an incoming card becomes before it is kept.
