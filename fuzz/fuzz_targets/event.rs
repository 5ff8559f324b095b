//! Any bytes as a log of CloudTrail. Reading comes to an end, every record is a call or is said to be
//! none, each call is some requests, and a second reading tells the same.
#![no_main]

use cofferdam_authz::call::needed;
use cofferdam_sources::event::Reader;
use cofferdam_sources::event::stream::{Piece, read};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_mutator!(|bytes: &mut [u8], length: usize, limit: usize, seed: u32| {
    cofferdam_fuzz::mutate::mutate(bytes, length, limit, seed)
});

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(told(bytes), told(bytes), "two readings differ");
});

fn told(bytes: &[u8]) -> Vec<String> {
    let mut reader = Reader::default();
    let mut told = Vec::new();
    read(bytes, |offset, piece| {
        told.push(match piece {
            Piece::Broken(why) => format!("{offset} ! {why}"),
            Piece::Record(record, _) => match reader.read(&record) {
                Err(none) => format!("{offset} {none:?}"),
                Ok(event) => {
                    let requests = needed(&event.call, None).requests;
                    assert!(!requests.is_empty(), "a call without a request");
                    format!("{offset} {event:?} {requests:?}")
                }
            },
        });
    });
    told
}
