//! What an edge gains, as powers over the very things that it is about.

use cofferdam_names::AccountId;

use super::{Closure, Use, everybody};
use crate::behind::{behind, runs_as};
use crate::catalogue::{Edge, Gain, Guard, On};
use crate::decide::Truth;
use crate::delegates::members;
use crate::power::Power;
use crate::remove::{removal, removes};
use crate::setting::{Actor, Object, Setting};

impl Closure<'_, '_, '_> {
    /// What an edge's gain is for this actor and object.
    pub(super) fn powers(&self, place: usize, this: Use<'_>, gain: Gain) -> Vec<Power> {
        let setting = self.setting();
        let account = setting.account(this.actor);
        let subjects = self.subjects(this);
        let of_subjects = |power: fn(usize) -> Power| subjects.iter().copied().map(power).collect();
        let of_account = |power: fn(AccountId) -> Power| account.map(power);
        let of_resource = |power: fn(usize) -> Power| match this.on {
            Object::Resource(place) => Some(power(place)),
            _ => None,
        };
        let silence = || account.map(|account| Power::Silence(place, account, this.on));
        let one = match gain {
            Gain::Become | Gain::Code => {
                let roles = runs_as(setting, this.on).into_iter();
                let all = subjects.iter().copied().chain(roles);
                return all.map(|place| Power::Is(Actor::Existing(place))).collect();
            }
            Gain::Identity if puts(this.edge) => {
                let each = subjects.iter();
                return each
                    .flat_map(|place| [Power::Identity(*place), Power::Inline(*place)])
                    .collect();
            }
            Gain::Identity | Gain::Rights => return of_subjects(Power::Identity),
            Gain::Undeny => return removes(setting, this.edge, this.on, &subjects),
            Gain::Boundary => return of_subjects(Power::Boundary),
            Gain::Trust => return of_subjects(Power::Trust),
            Gain::Tags => return of_subjects(Power::Tags),
            Gain::Create | Gain::Named => of_account(|account| Power::Is(Actor::Made(account))),
            Gain::Policy => match this.on {
                Object::Policy(id) => Some(Power::Text(id)),
                _ => None,
            },
            Gain::Guardrails => return self.unguarded(this, account),
            Gain::Account => return self.whole(this.on),
            Gain::Organization => return self.everywhere(),
            Gain::Resource | Gain::Acl | Gain::Encryption => of_resource(Power::Own),
            Gain::PublicFloor if serves_the_public(this.edge) => None,
            Gain::PublicFloor if is_of_account(this.edge) => of_account(Power::Public),
            Gain::PublicFloor => of_resource(Power::Floor),
            Gain::Copy => of_resource(Power::Copy),
            Gain::Unkey => of_resource(Power::Unkey),
            Gain::Destroy => of_resource(Power::Destroy).or_else(silence),
            Gain::Evidence => of_resource(Power::Evidence).or_else(silence),
            Gain::Network => match this.on {
                Object::Endpoint(place) => Some(Power::Endpoint(place)),
                _ => of_account(Power::Net),
            },
            Gain::Blind => match this.on {
                Object::Trail(place) => Some(Power::Blind(place)),
                _ => silence(),
            },
            Gain::Alert => silence(),
            Gain::Rekey => of_resource(Power::Unkey),
            Gain::Names | Gain::Credential => None,
        };
        one.into_iter().collect()
    }

    /// Who is bound: the actor itself where an edge is about nothing else.
    fn subjects(&self, this: Use<'_>) -> Vec<usize> {
        match (&this.edge.on, this.actor) {
            (On::Nothing, Actor::Existing(place)) => {
                let itself = self.setting().principal(this.actor).map(|_| place);
                itself.into_iter().collect()
            }
            _ => behind(self.setting(), this.on),
        }
    }

    /// An edge about nothing frees the actor's own account, one about the organization all.
    fn unguarded(&self, this: Use<'_>, own: Option<AccountId>) -> Vec<Power> {
        let all = self.setting().context.org.accounts.keys();
        let accounts: Vec<AccountId> = match (this.on, &this.edge.on) {
            (Object::Guardrail(id), _) => return vec![Power::Text(id)],
            (Object::Account(account), _) => vec![account],
            (_, On::Nothing) => own.into_iter().collect(),
            _ => all.copied().collect(),
        };
        let leaves = leaves(this.edge);
        let each = accounts.into_iter();
        each.flat_map(|account| {
            let left = leaves.then_some(Power::Left(account));
            [Some(Power::Guardrails(account)), left]
        })
        .flatten()
        .collect()
    }

    /// Everybody of an account, and whoever can be made in it.
    fn whole(&self, on: Object) -> Vec<Power> {
        match on {
            // Nobody administers the management account from elsewhere.
            Object::Account(account) if self.setting().management() != Some(account) => {
                everybody(self.setting(), account)
            }
            _ => Vec::new(),
        }
    }

    fn everywhere(&self) -> Vec<Power> {
        members(self.setting())
            .flat_map(|account| everybody(self.setting(), account))
            .collect()
    }
}

/// Whether an edge puts an inline policy, which may take the place of another.
fn puts(edge: &Edge) -> bool {
    edge.needs
        .iter()
        .any(|need| need.action.name().starts_with("Put"))
}

/// Whether an edge takes accounts out of the organization, and not only policies from them ("Removing
/// a member account from an organization").
fn leaves(edge: &Edge) -> bool {
    let names = edge.needs.iter().map(|need| need.action.name());
    let leaving = [
        "LeaveOrganization",
        "RemoveAccountFromOrganization",
        "DeleteOrganization",
    ];
    names.into_iter().any(|name| leaving.contains(&name))
}

/// Whether an edge only shows in another way what anybody may read already: a website of a bucket
/// is held back by its block of public access ("Hosting a static website using Amazon S3").
fn serves_the_public(edge: &Edge) -> bool {
    let such = Guard::Exists("public-read".to_owned());
    edge.guards.contains(&such)
}

/// Whether an edge takes off the block of a whole account, under which that of each bucket stays.
fn is_of_account(edge: &Edge) -> bool {
    let mut needs = edge.needs.iter();
    needs.any(|need| need.action.name() == "PutAccountPublicAccessBlock")
}

/// Gains of which it is not known how much they are.
pub(super) fn certainty(setting: &Setting<'_>, gain: Gain, power: Power) -> Truth {
    match (gain, power) {
        (Gain::Rights | Gain::Acl, _) => Truth::Possible,
        (Gain::Undeny, _) => removal(setting, power),
        _ => Truth::Certain,
    }
}
