//! Single values: accounts, ARNs, dates, address ranges, ids of networks, globs over ARNs.
//!
//! Each is checked for the form that AWS gives it, because a value that nothing can equal would
//! approve nobody without a word.

use std::collections::BTreeMap;
use std::fmt::Display;

use cofferdam_names::{AccountId, Arn, Region};
use cofferdam_policy::operand::Network;
use cofferdam_policy::values::{address, network};
use cofferdam_text::Node;

use super::date::Date;
use super::fields::Fields;
use super::log::{Log, Names, shown};
use super::{Layer, Reserved};

/// One reading: what was wrong so far, and the names that are declared so far.
pub(super) struct Reader {
    pub(super) log: Log,
    /// Names of accounts.
    pub(super) accounts: BTreeMap<String, AccountId>,
    pub(super) account_names: Names,
    pub(super) partners: Names,
    pub(super) networks: Names,
    pub(super) datasets: Names,
    pub(super) resources: Names,
    pub(super) reserved: Vec<Reserved>,
}

impl Reader {
    pub(super) fn new() -> Reader {
        Reader {
            log: Log::default(),
            accounts: BTreeMap::new(),
            account_names: Names::of("account"),
            partners: Names::of("partner"),
            networks: Names::of("network"),
            datasets: Names::of("dataset"),
            resources: Names::of("resource"),
            reserved: Vec::new(),
        }
    }

    /// Keeps the reserved fields of an object.
    pub(super) fn keep_reserved(&mut self, fields: &Fields<'_>, dataset: Option<&str>) {
        for (field, value) in fields.reserved() {
            self.reserve(field, value, dataset);
        }
    }

    pub(super) fn reserve(&mut self, field: &str, value: &Node, dataset: Option<&str>) {
        self.reserved.push(Reserved {
            field: field.to_owned(),
            dataset: dataset.map(str::to_owned),
            value: value.clone(),
            origin: value.origin,
        });
    }

    /// An account by id, or by a name that the boundary gives it.
    pub(super) fn account(&mut self, node: &Node) -> Option<AccountId> {
        let text = self.log.plain(node, "an account")?;
        if let Some(account) = self.accounts.get(text) {
            return Some(*account);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            self.account_names.check(&mut self.log, text, node.origin);
            return None;
        }
        self.account_id(node)
    }

    /// An account by id alone.
    pub(super) fn account_id(&mut self, node: &Node) -> Option<AccountId> {
        let help = "write its 12 digits in quotes: \"111122223333\"";
        let text = self.log.plain(node, "an account id")?;
        self.parsed(node, text.parse(), help)
    }

    /// The accounts of a field that is a list, or left out.
    pub(super) fn accounts_of(&mut self, fields: &Fields<'_>) -> Vec<AccountId> {
        let nodes = self.log.list(fields, "accounts");
        nodes.iter().filter_map(|node| self.account(node)).collect()
    }

    /// The date of `expires`, if it is given.
    pub(super) fn expires(&mut self, fields: &Fields<'_>) -> Option<Date> {
        let node = fields.get("expires")?;
        let text = self.log.plain(node, "`expires`")?;
        self.parsed(
            node,
            text.parse(),
            "write the last day on which it counts: 2027-03-31",
        )
    }

    /// The same; what has no end is pointed out.
    pub(super) fn expires_soon(&mut self, fields: &Fields<'_>) -> Option<Date> {
        if fields.get("expires").is_none() {
            let message = format!("{} without `expires` never ends", fields.shape.what);
            self.log.warning(
                fields.origin(),
                message,
                "add its last day: expires: 2027-03-31",
            );
        }
        self.expires(fields)
    }

    /// One ARN of a service whose resource part starts with `prefix`, without wildcards.
    pub(super) fn arn(&mut self, node: &Node, form: &ArnForm) -> Option<Arn> {
        let text = self.log.plain(node, form.what)?;
        let arn: Arn = self.parsed(node, text.parse(), form.help)?;
        match form.fault(&arn) {
            None => Some(arn),
            Some(fault) => {
                self.log
                    .error(node.origin, format!("`{}` {fault}", shown(text)), form.help);
                None
            }
        }
    }

    /// A pattern over role ARNs.
    pub(super) fn role_pattern(&mut self, node: &Node) -> Option<Box<str>> {
        let text = self.log.plain(node, "a pattern over roles")?;
        let pattern = Arn::parse(text).ok();
        let fits = |arn: &Arn| {
            let named = arn
                .resource()
                .strip_prefix("role/")
                .is_some_and(|name| !name.is_empty());
            named && arn.service() == "iam" && arn.region().is_empty() && !arn.account().is_empty()
        };
        if !pattern.as_ref().is_some_and(fits) {
            let message = format!("`{}` is not a pattern over role ARNs", shown(text));
            let help = "write a pattern such as \"arn:aws:iam::*:role/app/reader-*\"";
            self.log.error(node.origin, message, help);
            return None;
        }
        Some(text.into())
    }

    /// The Regions of a field that is a list, or left out.
    pub(super) fn regions(&mut self, fields: &Fields<'_>, field: &str) -> Vec<Region> {
        let nodes = self.log.list(fields, field);
        nodes.iter().filter_map(|node| self.region(node)).collect()
    }

    /// One Region.
    pub(super) fn region(&mut self, node: &Node) -> Option<Region> {
        let text = self.log.plain(node, "a Region")?;
        self.parsed(node, text.parse(), "write its code: eu-west-1")
    }

    /// An id that AWS starts with `prefix`.
    pub(super) fn id(&mut self, node: &Node, what: &str, prefix: &str) -> Option<Box<str>> {
        let form = |text: &str| {
            text.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty())
        };
        self.formed(node, what, form, &format!("write its id: {prefix}0a1b2c3d"))
    }

    /// Text of a certain form.
    pub(super) fn formed(
        &mut self,
        node: &Node,
        what: &str,
        form: impl Fn(&str) -> bool,
        help: &str,
    ) -> Option<Box<str>> {
        let text = self.log.plain(node, what)?;
        let plain = !text.contains(|char: char| char.is_whitespace() || char == '*');
        if !plain || !form(text) {
            self.log.error(
                node.origin,
                format!("`{}` is not {what}", shown(text)),
                help,
            );
            return None;
        }
        Some(text.into())
    }

    /// The address ranges of a field that is a list, or left out.
    pub(super) fn ranges(&mut self, fields: &Fields<'_>, field: &str) -> Vec<Network> {
        let nodes = self.log.list(fields, field);
        nodes.iter().filter_map(|node| self.range(node)).collect()
    }

    fn range(&mut self, node: &Node) -> Option<Network> {
        let text = self.log.plain(node, "an address range")?;
        match range(text) {
            Ok(range) => Some(range),
            Err(help) => {
                let message = format!("`{}` is not an address range", shown(text));
                self.log.error(node.origin, message, help);
                None
            }
        }
    }

    /// A layer of the design, by its word.
    pub(super) fn layer(&mut self, node: &Node) -> Option<Layer> {
        let text = self.log.plain(node, "a layer")?;
        let layer = Layer::from_word(text);
        if layer.is_none() {
            let words = Layer::ALL.map(Layer::word);
            self.log.unknown_word(node.origin, "layer", text, words);
        }
        layer
    }

    fn parsed<T, E: Display>(
        &mut self,
        node: &Node,
        result: Result<T, E>,
        help: &str,
    ) -> Option<T> {
        let text = shown(node.text().unwrap_or_default());
        let log = &mut self.log;
        result
            .map_err(|error| log.error(node.origin, format!("`{text}`: {error}"), help))
            .ok()
    }
}

/// What an ARN must look like in one place of the file.
pub(super) struct ArnForm {
    /// What it is: `a role`.
    pub(super) what: &'static str,
    /// The service, or empty for any.
    pub(super) service: &'static str,
    /// How its resource part starts.
    pub(super) prefix: &'static str,
    /// What to write.
    pub(super) help: &'static str,
}

impl ArnForm {
    fn fault(&self, arn: &Arn) -> Option<String> {
        if arn.as_str().contains(['*', '?']) {
            return Some("holds a wildcard where one thing is named".to_owned());
        }
        let fits = self.service.is_empty() || arn.service() == self.service;
        let rest = arn.resource().strip_prefix(self.prefix);
        let named = rest.is_some_and(|rest| !rest.is_empty());
        (!(fits && named)).then(|| format!("is not the ARN of {}", self.what))
    }
}

/// Reads `ADDRESS/PREFIX`; the error says what to write.
fn range(text: &str) -> Result<Network, String> {
    let (first, prefix) = text.split_once('/').unwrap_or((text, ""));
    let first = address(first).ok_or("write it as 203.0.113.0/24 or 2001:db8::/32")?;
    let width = if first.is_ipv4() { 32 } else { 128 };
    if prefix.is_empty() {
        return Err(format!("write {first}/{width} for this one address"));
    }
    let range = network(text);
    let range =
        range.ok_or_else(|| format!("the part after the slash is between 0 and {width}"))?;
    if range.address != first {
        let first = range.address;
        return Err(format!(
            "its first address is {first}: write {first}/{prefix}"
        ));
    }
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<u8, &str>) {
        let found = range(text).map(|range| range.prefix);
        assert_eq!(found, expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn address_ranges_start_at_their_first_address() {
        check("203.0.113.0/24", Ok(24));
        check("0.0.0.0/0", Ok(0));
        check("198.51.100.7/32", Ok(32));
        check("2001:db8::/32", Ok(32));
        check("::/0", Ok(0));
        check("::1/128", Ok(128));
        check("10.0.0.1", Err("write 10.0.0.1/32 for this one address"));
        check("::1", Err("write ::1/128 for this one address"));
        check(
            "10.0.0.1/8",
            Err("its first address is 10.0.0.0: write 10.0.0.0/8"),
        );
        check(
            "2001:db8::1/32",
            Err("its first address is 2001:db8::: write 2001:db8::/32"),
        );
        check(
            "10.0.0.0/33",
            Err("the part after the slash is between 0 and 32"),
        );
        check(
            "10.0.0.0/+8",
            Err("the part after the slash is between 0 and 32"),
        );
        check(
            "10.0.0/8",
            Err("write it as 203.0.113.0/24 or 2001:db8::/32"),
        );
    }
}
