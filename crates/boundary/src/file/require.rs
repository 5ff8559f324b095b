//! What proofs may assume, and what is required of the boundary as a whole.
//!
//! An assumption weakens a proof as an exception does, and counts only if all of it was
//! understood. A requirement asks for more: one that was not understood is noted as missing.

use cofferdam_findings::finding::Missing;
use cofferdam_text::Node;

use super::fields::{Fields, Shape};
use super::values::{ArnForm, Reader};
use super::{Assume, Assumption, Layer, Require, Sound};

const ASSUME: Shape = Shape {
    what: "an assumption",
    fields: &["that", "regions", "reason", "owner", "expires"],
    reserved: &[],
    example: "{that: region-empty, regions: [sa-east-1], reason: …, owner: TEAM, expires: 2027-06-30}",
    strict: true,
};
const REQUIRE: Shape = Shape {
    what: "`require`",
    fields: &["breach-depth", "disjoint", "sound"],
    reserved: &[],
    example: "{breach-depth: 2, disjoint: [[resource, encryption]], sound: [management]}",
    strict: true,
};
const PRINCIPAL: ArnForm = ArnForm {
    what: "a principal",
    service: "iam",
    prefix: "",
    help: "write management, an account, or the ARN of a role or user",
};

impl Reader {
    /// One assumption, if all of it was understood.
    pub(super) fn assume(&mut self, node: &Node) -> Option<Assume> {
        self.wholly(|reader| {
            let fields = reader.log.fields(node, &ASSUME)?;
            Some(Assume {
                that: reader.assumption(&fields)?,
                reason: reader.log.required_text(&fields, "reason")?,
                owner: reader.log.required_text(&fields, "owner")?,
                expires: reader.expires_soon(&fields),
                origin: node.origin,
            })
        })
    }

    fn assumption(&mut self, fields: &Fields<'_>) -> Option<Assumption> {
        let that = self.log.required(fields, "that")?;
        let word = self.log.plain(that, "`that`")?;
        if word != "region-empty" {
            self.log
                .unknown_word(that.origin, "assumption", word, ["region-empty"]);
            return None;
        }
        self.log.required(fields, "regions")?;
        Some(Assumption::RegionEmpty {
            regions: self.regions(fields, "regions"),
        })
    }

    /// The requirements of one file.
    pub(super) fn require(&mut self, node: &Node) -> (Require, Option<Missing>) {
        let errors = self.log.errors();
        let require = self
            .log
            .fields(node, &REQUIRE)
            .map(|fields| self.requirements(&fields));
        let missing = (self.log.errors() > errors).then(|| Missing {
            key: "require".to_owned(),
            why: "part of it could not be read".to_owned(),
            origin: Some(node.origin),
        });
        (require.unwrap_or_default(), missing)
    }

    fn requirements(&mut self, fields: &Fields<'_>) -> Require {
        let sound = fields.get("sound").map(|_| self.sound(fields));
        Require {
            breach_depth: self.log.count(fields, "breach-depth"),
            disjoint: self.disjoint(fields),
            sound: sound.unwrap_or_else(|| Require::default().sound),
            origin: Some(fields.origin()),
        }
    }

    fn disjoint(&mut self, fields: &Fields<'_>) -> Vec<(Layer, Layer)> {
        let nodes = self.log.list(fields, "disjoint");
        nodes.iter().filter_map(|node| self.pair(node)).collect()
    }

    fn pair(&mut self, node: &Node) -> Option<(Layer, Layer)> {
        let Some([first, second]) = node.as_array() else {
            let help = "write two layers: [resource, encryption]";
            self.log.error(
                node.origin,
                "an element of `disjoint` must be a pair of layers",
                help,
            );
            return None;
        };
        let (first, second) = (self.layer(first), self.layer(second));
        let (first, second) = (first?, second?);
        if first == second {
            let help = "write two different layers";
            self.log
                .error(node.origin, "a layer cannot be disjoint from itself", help);
            return None;
        }
        Some((first, second))
    }

    fn sound(&mut self, fields: &Fields<'_>) -> Vec<Sound> {
        let nodes = self.log.list(fields, "sound");
        nodes
            .iter()
            .filter_map(|node| self.sound_node(node))
            .collect()
    }

    fn sound_node(&mut self, node: &Node) -> Option<Sound> {
        let text = self.log.plain(node, "an element of `sound`")?;
        match text {
            "management" => Some(Sound::Management),
            text if text.starts_with("arn:") => self.arn(node, &PRINCIPAL).map(Sound::Principal),
            _ => self.account(node).map(Sound::Account),
        }
    }
}
