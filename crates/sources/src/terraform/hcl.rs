//! Sources of a configuration, read where a plan says too little.

use cofferdam_text::Origin;

use super::resolve::Resolver;

/// The sources of a root module.
#[derive(Debug, Default)]
pub struct Sources {}

impl Sources {
    pub(super) fn read(_: &std::path::Path, _: &mut crate::sink::Sink) -> Sources {
        Sources::default()
    }
    pub(super) fn policy(
        &self,
        _: &Resolver,
        _: &mut cofferdam_text::Documents,
        _: usize,
        _: &str,
    ) -> Option<cofferdam_text::Node> {
        None
    }
    pub(super) fn text(
        &self,
        _: &Resolver,
        _: usize,
        _: &str,
        _: usize,
    ) -> Option<(String, Origin)> {
        None
    }
    pub(super) fn nested(&self, _: &Resolver, _: usize, _: &[&str]) -> Option<(String, Origin)> {
        None
    }
}
