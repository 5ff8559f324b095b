//! What datasets refer to by name: organizations with their accounts, partners, networks.

use std::collections::BTreeMap;

use cofferdam_names::{AccountId, OrgId};
use cofferdam_text::{Member, Node};

use super::fields::{Fields, Shape};
use super::log::{Names, shown};
use super::values::Reader;
use super::{
    EndpointsDeclared, NetworkDeclared, OrganizationDeclared, Partner, Trust, VpcDeclared,
};

const ORGANIZATION: Shape = Shape {
    what: "an organization",
    fields: &["id", "trust", "accounts"],
    reserved: &[],
    example: "{id: o-a1b2c3d4e5, accounts: {management: \"111122223333\"}}",
    strict: true,
};
const PARTNER: Shape = Shape {
    what: "a partner",
    fields: &["name", "accounts", "owner", "expires"],
    reserved: &[],
    example: "{name: warehouse, accounts: [\"111122223333\"], owner: TEAM, expires: 2027-03-31}",
    strict: true,
};
const NETWORK: Shape = Shape {
    what: "a network",
    fields: &["endpoints", "vpcs", "cidrs", "source-ips", "exclusive"],
    reserved: &[],
    example: "{endpoints: [vpce-0a1b2c3d]}",
    strict: true,
};
const VPC: Shape = Shape {
    what: "a VPC",
    fields: &["id", "region"],
    reserved: &[],
    example: "{id: vpc-0a1b2c3d, region: eu-west-1}",
    strict: true,
};

impl Reader {
    /// One organization; its account names can be used from here on.
    pub(super) fn organization(
        &mut self,
        node: &Node,
        ids: &mut Names,
    ) -> Option<OrganizationDeclared> {
        let fields = self.log.fields(node, &ORGANIZATION)?;
        let accounts = fields.get("accounts").map(|node| self.account_map(node));
        let id = self.organization_id(&fields)?;
        let trust = self.trust(&fields)?;
        ids.claim(&mut self.log, &id.to_string(), node.origin)
            .then(|| OrganizationDeclared {
                id,
                trust,
                accounts: accounts.unwrap_or_default(),
                origin: node.origin,
            })
    }

    fn organization_id(&mut self, fields: &Fields<'_>) -> Option<OrgId> {
        let node = self.log.required(fields, "id")?;
        let text = self.log.plain(node, "an organization id")?;
        let id = text.parse().ok();
        if id.is_none() {
            let message = format!("`{}` is not the id of an organization", shown(text));
            self.log.error(
                node.origin,
                message,
                "write the id that AWS Organizations shows: o-a1b2c3d4e5",
            );
        }
        id
    }

    fn trust(&mut self, fields: &Fields<'_>) -> Option<Trust> {
        let Some(node) = fields.get("trust") else {
            return Some(Trust::Own);
        };
        match self.log.plain(node, "`trust`")? {
            "own" => Some(Trust::Own),
            "partner" => Some(Trust::Partner),
            word => {
                self.log
                    .unknown_word(node.origin, "trust", word, ["own", "partner"]);
                None
            }
        }
    }

    fn account_map(&mut self, node: &Node) -> BTreeMap<String, AccountId> {
        let Some(members) = node.as_object() else {
            let help = "write {management: \"111122223333\"}";
            self.log.expected(
                node,
                "`accounts` of an organization",
                "names with ids",
                help,
            );
            return BTreeMap::new();
        };
        members
            .iter()
            .filter_map(|member| self.named_account(member))
            .collect()
    }

    fn named_account(&mut self, member: &Member) -> Option<(String, AccountId)> {
        let name = &*member.key;
        if name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{}` is not a name for an account", shown(name));
            self.log
                .error(member.key_origin, message, "write NAME: \"111122223333\"");
            return None;
        }
        let account = self.account_id(&member.value)?;
        if !self
            .account_names
            .claim(&mut self.log, name, member.key_origin)
        {
            return None;
        }
        self.accounts.insert(name.to_owned(), account);
        Some((name.to_owned(), account))
    }

    /// One partner; what is not wholly understood is not a partner.
    pub(super) fn partner_declared(&mut self, node: &Node) -> Option<Partner> {
        let errors = self.log.errors();
        let fields = self.log.fields(node, &PARTNER)?;
        let name = self.log.required_text(&fields, "name")?;
        self.log.required(&fields, "accounts");
        let partner = Partner {
            accounts: self.accounts_of(&fields),
            owner: self.log.text(&fields, "owner"),
            expires: self.expires_soon(&fields),
            origin: node.origin,
            name,
        };
        let new = self
            .partners
            .claim(&mut self.log, &partner.name, node.origin);
        (new && self.log.errors() == errors).then_some(partner)
    }

    /// One network, by the name that is its key.
    pub(super) fn network(&mut self, member: &Member) -> Option<NetworkDeclared> {
        if !self
            .networks
            .claim(&mut self.log, &member.key, member.key_origin)
        {
            return None;
        }
        let fields = self.log.fields(&member.value, &NETWORK)?;
        let network = NetworkDeclared {
            name: member.key.to_string(),
            endpoints: self.endpoints(&fields),
            vpcs: self.vpcs(&fields),
            cidrs: self.ranges(&fields, "cidrs"),
            source_ips: self.ranges(&fields, "source-ips"),
            exclusive: self.exclusive(&fields),
            origin: member.value.origin,
        };
        if !["endpoints", "vpcs", "cidrs"]
            .iter()
            .any(|field| fields.get(field).is_some())
        {
            let message = format!("network `{}` holds nothing", shown(&network.name));
            self.log.warning(
                network.origin,
                message,
                format!("write {}", NETWORK.example),
            );
        }
        Some(network)
    }

    /// A value that cannot be read must not make a shared network count as a layer.
    fn exclusive(&mut self, fields: &Fields<'_>) -> bool {
        fields.get("exclusive").is_none() || self.log.flag(fields, "exclusive") == Some(true)
    }

    fn endpoints(&mut self, fields: &Fields<'_>) -> EndpointsDeclared {
        let Some(node) = fields.get("endpoints") else {
            return EndpointsDeclared::None;
        };
        if node.as_str() == Some("organization") {
            return EndpointsDeclared::Organization;
        }
        if node.as_array().is_none() {
            let help = "write [vpce-0a1b2c3d], or organization for any endpoint that it owns";
            self.log
                .expected(node, "`endpoints` of a network", "a list", help);
            return EndpointsDeclared::None;
        }
        let nodes = self.log.list(fields, "endpoints");
        let ids = nodes
            .iter()
            .filter_map(|node| self.id(node, "a VPC endpoint", "vpce-"));
        EndpointsDeclared::These(ids.collect())
    }

    fn vpcs(&mut self, fields: &Fields<'_>) -> Vec<VpcDeclared> {
        let nodes = self.log.list(fields, "vpcs");
        nodes.iter().filter_map(|node| self.vpc(node)).collect()
    }

    fn vpc(&mut self, node: &Node) -> Option<VpcDeclared> {
        let fields = self.log.fields(node, &VPC)?;
        let id = self
            .log
            .required(&fields, "id")
            .and_then(|node| self.id(node, "a VPC", "vpc-"));
        let region = self
            .log
            .required(&fields, "region")
            .and_then(|node| self.region(node));
        Some(VpcDeclared {
            id: id?,
            region: region?,
        })
    }
}
