//! What the collector sees in place of AWS: recordings, a clock that nobody waits for, and
//! credentials that can run out.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use cofferdam_aws::http::{Clock, Identity, Keys};
use cofferdam_aws::replay::Replay;

/// The recording of a name.
pub fn recording(name: &str) -> Replay {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let path = folder.join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    Replay::parse(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// A clock that jumps as far as it is asked to wait.
pub struct Jumping(Mutex<SystemTime>);

impl Jumping {
    pub fn new() -> Jumping {
        Jumping(Mutex::new(
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_338_000),
        ))
    }
}

impl Clock for Jumping {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }

    fn pause(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }

    fn jitter(&self) -> f64 {
        0.5
    }
}

/// Credentials that differ each time they are asked for, as renewed ones do.
#[derive(Default)]
pub struct Renewed(Mutex<u32>);

impl Identity for Renewed {
    fn keys(&self) -> Result<Keys, String> {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        Ok(Keys {
            id: format!("AKIDOWN{count}"),
            secret: "example".into(),
            token: None,
            until: None,
        })
    }
}
