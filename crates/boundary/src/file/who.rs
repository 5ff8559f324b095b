//! Who: always a list of objects, each of which names somebody by exactly one field.
//!
//! The forms are a table of shapes, because each has its own further fields, and a field of
//! another form (`external-id` beside `role`) would be a condition that nobody checks.

use cofferdam_text::Node;

use super::fields::{Fields, Shape};
use super::log::shown;
use super::values::{ArnForm, Reader};
use super::{Who, WhoAt};

/// Creators of creators of creators: nobody writes more, and each level is a level of recursion.
const CREATORS_DEPTH_MAX: usize = 4;

/// The forms, by the field that names somebody.
const FORMS: &[(&str, Shape)] = &[
    (
        "role",
        form(
            &["role"],
            "{role: \"arn:aws:iam::111122223333:role/app/reader\"}",
        ),
    ),
    (
        "user",
        form(
            &["user"],
            "{user: \"arn:aws:iam::111122223333:user/backup\"}",
        ),
    ),
    (
        "role-pattern",
        form(
            &["role-pattern", "creators"],
            "{role-pattern: \"arn:aws:iam::*:role/app/*\", creators: [{role: …}]}",
        ),
    ),
    (
        "permission-set",
        form(
            &["permission-set", "accounts", "groups"],
            "{permission-set: DataReader, accounts: [data], groups: [claims-team]}",
        ),
    ),
    (
        "oidc",
        form(
            &["oidc", "sub"],
            "{oidc: token.example.com, sub: \"repo:acme/claims:*\"}",
        ),
    ),
    (
        "saml",
        form(
            &["saml"],
            "{saml: \"arn:aws:iam::111122223333:saml-provider/Login\"}",
        ),
    ),
    (
        "service",
        form(
            &["service", "source-arn", "source-account"],
            "{service: cloudtrail.amazonaws.com, source-account: \"111122223333\"}",
        ),
    ),
    (
        "partner",
        form(
            &["partner", "external-id"],
            "{partner: NAME, external-id: …}",
        ),
    ),
    ("account", form(&["account"], "{account: \"111122223333\"}")),
];

const fn form(fields: &'static [&'static str], example: &'static str) -> Shape {
    Shape {
        what: "an entry of who",
        fields,
        reserved: &[],
        example,
        strict: true,
    }
}

const ROLE: ArnForm = ArnForm {
    what: "a role",
    service: "iam",
    prefix: "role/",
    help: "write the role's ARN with its path, \"arn:aws:iam::111122223333:role/app/reader\"; \
           for several roles write role-pattern",
};
const USER: ArnForm = ArnForm {
    what: "a user",
    service: "iam",
    prefix: "user/",
    help: "write the user's ARN with its path: \"arn:aws:iam::111122223333:user/backup\"",
};
const SAML: ArnForm = ArnForm {
    what: "a SAML provider",
    service: "iam",
    prefix: "saml-provider/",
    help: "write the provider's ARN: \"arn:aws:iam::111122223333:saml-provider/Login\"",
};

impl Reader {
    /// The people of a field that is a list, or left out.
    pub(super) fn who(&mut self, fields: &Fields<'_>, field: &str) -> Vec<WhoAt> {
        self.who_within(fields, field, 0)
    }

    /// The same of a field that must be there and name somebody.
    pub(super) fn required_who(&mut self, fields: &Fields<'_>, field: &str) -> Vec<WhoAt> {
        let Some(node) = self.log.required(fields, field) else {
            return Vec::new();
        };
        if node.as_array().is_some_and(<[Node]>::is_empty) {
            let message = format!("`{field}` of {} names nobody", fields.shape.what);
            self.log.error(
                node.origin,
                message,
                format!("write {}", fields.shape.example),
            );
        }
        self.who(fields, field)
    }

    fn who_within(&mut self, fields: &Fields<'_>, field: &str, depth: usize) -> Vec<WhoAt> {
        let nodes = self.log.list(fields, field);
        nodes
            .iter()
            .filter_map(|node| self.somebody(node, depth))
            .collect()
    }

    fn somebody(&mut self, node: &Node, depth: usize) -> Option<WhoAt> {
        let shape = self.form_of(node)?;
        let errors = self.log.errors();
        let fields = self.log.fields(node, shape)?;
        let who = self.named(&fields, depth)?;
        // A qualifier that was not understood would approve more than was meant.
        (self.log.errors() == errors).then_some(WhoAt {
            who,
            origin: node.origin,
        })
    }

    fn form_of(&mut self, node: &Node) -> Option<&'static Shape> {
        let Some(members) = node.as_object() else {
            let help =
                "write an object, such as {role: \"arn:aws:iam::111122223333:role/app/reader\"}";
            self.log
                .expected(node, "an entry of who", "an object", help);
            return None;
        };
        let mut forms = FORMS.iter().filter(|(field, _)| node.get(field).is_some());
        match (forms.next(), forms.next()) {
            (Some((_, shape)), None) => Some(shape),
            (Some((first, _)), Some((second, _))) => {
                let message = format!("an entry of who names both a `{first}` and a `{second}`");
                self.log
                    .error(node.origin, message, "write two entries: each names one");
                None
            }
            (None, _) => {
                let word = members.first().map_or("", |member| &*member.key);
                let at = members
                    .first()
                    .map_or(node.origin, |member| member.key_origin);
                let words = FORMS.iter().map(|(field, _)| *field);
                self.log.unknown_word(at, "a kind of who", word, words);
                None
            }
        }
    }

    fn named(&mut self, fields: &Fields<'_>, depth: usize) -> Option<Who> {
        let field = *fields.shape.fields.first()?;
        let node = fields.get(field)?;
        match field {
            "role" => self.arn(node, &ROLE).map(Who::Role),
            "user" => self.arn(node, &USER).map(Who::User),
            "role-pattern" => self.pattern(fields, node, depth),
            "permission-set" => self.permission_set(fields),
            "oidc" => self.oidc(fields, node),
            "saml" => self.arn(node, &SAML).map(|provider| Who::Saml { provider }),
            "service" => self.service(fields, node),
            "partner" => self.partner(fields, node),
            _ => self.account(node).map(Who::Account),
        }
    }

    fn pattern(&mut self, fields: &Fields<'_>, node: &Node, depth: usize) -> Option<Who> {
        let pattern = self.role_pattern(node)?;
        if depth >= CREATORS_DEPTH_MAX {
            let help = "name the last creators by role";
            self.log
                .error(node.origin, "creators are nested too deeply", help);
            return None;
        }
        Some(Who::RolePattern {
            pattern,
            creators: self.who_within(fields, "creators", depth + 1),
        })
    }

    fn permission_set(&mut self, fields: &Fields<'_>) -> Option<Who> {
        let name = self.log.text(fields, "permission-set")?.into();
        let accounts = self.accounts_of(fields);
        let groups = self
            .log
            .texts(fields, "groups")
            .into_iter()
            .map(Box::from)
            .collect();
        Some(Who::PermissionSet {
            name,
            accounts,
            groups,
        })
    }

    fn oidc(&mut self, fields: &Fields<'_>, node: &Node) -> Option<Who> {
        let help = "write the provider's host without https://, or its ARN";
        let form = |text: &str| !text.contains("://") && text.contains(['.', ':']);
        let provider = self.formed(node, "an OpenID Connect provider", form, help)?;
        self.log.required(fields, "sub")?;
        let sub = self.log.text(fields, "sub")?;
        if sub.trim_matches('*').is_empty() {
            let help = "name the subjects: \"repo:acme/claims:ref:refs/heads/main\"";
            self.log.error(
                node.origin,
                "`sub` accepts everyone whom the provider knows",
                help,
            );
        }
        Some(Who::Oidc {
            provider,
            sub: sub.into(),
        })
    }

    fn service(&mut self, fields: &Fields<'_>, node: &Node) -> Option<Who> {
        let help = "write the service's host name: cloudtrail.amazonaws.com";
        let host = self.formed(node, "a service", |text| text.contains('.'), help)?;
        let source_arn = fields
            .get("source-arn")
            .and_then(|node| self.arn_pattern(node));
        let source_account = fields
            .get("source-account")
            .and_then(|node| self.account(node));
        Some(Who::Service {
            host,
            source_arn,
            source_account,
        })
    }

    fn arn_pattern(&mut self, node: &Node) -> Option<Box<str>> {
        let text = self.log.plain(node, "an ARN")?;
        if !text.starts_with("arn:") || text.split(':').count() < 6 {
            let help = "write the ARN of the resource that the service acts for; * is allowed";
            self.log.error(
                node.origin,
                format!("`{}` is not an ARN", shown(text)),
                help,
            );
            return None;
        }
        Some(text.into())
    }

    fn partner(&mut self, fields: &Fields<'_>, node: &Node) -> Option<Who> {
        let name = self.log.plain(node, "a partner")?;
        if !self.partners.check(&mut self.log, name, node.origin) {
            return None;
        }
        let external_id = self.log.text(fields, "external-id").map(Box::from);
        Some(Who::Partner {
            name: name.to_owned(),
            external_id,
        })
    }
}
