//! Serde support for generated types: open enums and unions, lenient numbers, detection of error objects.

pub(crate) mod enums;
pub(crate) mod error_detector;
pub mod lenient;
pub(crate) mod object;
