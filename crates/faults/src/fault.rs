//! Which faults are counted, and where an attacker starts with each of them.

use cofferdam_boundary::file::Sound;
use cofferdam_names::AccountId;
use cofferdam_org::model::PrincipalKind;

use crate::closure::everybody;
use crate::control::Points;
use crate::power::{Power, State, Taken};
use crate::setting::{Actor, Object, Setting};

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Somebody else acts as a user or role.
    Compromise(usize),
    /// Somebody else holds everything in an account.
    Account(AccountId),
    /// A control point says whatever is worst.
    Misconfigure(Power, String),
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Universe {
    /// Compromise of users and roles.
    pub compromise: bool,
    /// Compromise of whole accounts.
    pub account: bool,
    /// Misconfiguration of control points.
    pub misconfigure: bool,
}

impl Default for Universe {
    fn default() -> Self {
        Universe {
            compromise: true,
            account: false,
            misconfigure: false,
        }
    }
}

impl Universe {
    /// In words.
    pub fn words(self) -> String {
        let kinds = [
            (
                self.compromise,
                "compromise of every existing principal outside the management account",
            ),
            (
                self.account,
                "compromise of every account but the management account, its root user included",
            ),
            (
                self.misconfigure,
                "misconfiguration of every control point of a dataset",
            ),
        ];
        let counted = kinds.iter().filter(|(counted, _)| *counted);
        let words: Vec<&str> = counted.map(|(_, words)| *words).collect();
        words.join("; ")
    }

    /// The faults of an organization that are counted for every dataset.
    pub fn faults(self, setting: &Setting<'_>) -> Vec<Fault> {
        let org = setting.context.org;
        let principals = org.principals.iter().enumerate();
        let compromised = principals.filter(|(place, principal)| {
            self.compromise
                && principal.kind != PrincipalKind::ServiceLinkedRole
                && !is_sound(setting, principal.account, Some(*place))
        });
        let mut faults: Vec<Fault> = compromised
            .map(|(place, _)| Fault::Compromise(place))
            .collect();
        let accounts = org.accounts.keys().copied();
        let accounts =
            accounts.filter(|account| self.account && !is_sound(setting, *account, None));
        faults.extend(accounts.map(Fault::Account));
        faults
    }

    /// The faults that are counted for one dataset alone.
    pub fn of_dataset(self, points: &Points) -> Vec<Fault> {
        if !self.misconfigure {
            return Vec::new();
        }
        let points = points.powers();
        // Whoever writes a policy may as well delete it.
        points
            .filter(|(power, _)| !matches!(power, Power::Bare(_)))
            .map(|(power, name)| Fault::Misconfigure(power, name.to_owned()))
            .collect()
    }
}

/// Whether something is taken to be beyond compromise.
fn is_sound(setting: &Setting<'_>, account: AccountId, place: Option<usize>) -> bool {
    let principal = place.and_then(|place| setting.context.org.principals.get(place));
    let declared = &setting.context.boundary.require.sound;
    setting.management() == Some(account)
        || declared.iter().any(|sound| match sound {
            Sound::Management => false,
            Sound::Account(sound) => *sound == account,
            Sound::Principal(arn) => principal.is_some_and(|principal| principal.arn == *arn),
        })
}

impl Fault {
    /// As the contracts write it.
    pub fn name(&self, setting: &Setting<'_>) -> String {
        match self {
            Fault::Compromise(place) => {
                format!("compromise({})", setting.name(Actor::Existing(*place)))
            }
            Fault::Account(account) => format!("account({account})"),
            Fault::Misconfigure(_, name) => format!("misconfigure({name})"),
        }
    }

    /// What the attacker holds before its first step.
    pub fn start(&self, setting: &Setting<'_>) -> State {
        let powers = match self {
            Fault::Compromise(place) => vec![Power::Is(Actor::Existing(*place))],
            Fault::Account(account) => everybody(setting, *account),
            Fault::Misconfigure(power, _) => vec![*power],
        };
        start(setting, &powers)
    }
}

/// What an attacker holds before its first step.
pub fn start(setting: &Setting<'_>, powers: &[Power]) -> State {
    let mut state = State::default();
    for power in powers {
        let step = Taken {
            power: *power,
            edge: None,
            by: None,
            on: Object::Nothing,
            possible: false,
        };
        state.take(setting, step);
    }
    state
}
