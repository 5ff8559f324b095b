//! Every form of file, and every way to damage one.

use std::io::Write as _;

use expect_test::{Expect, expect};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn told(bytes: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    read(bytes, |offset, piece| {
        all.push(match piece {
            Piece::Record(record, _) => {
                format!("{offset} {}", record.text_at("eventID").unwrap_or("-"))
            }
            Piece::Broken(why) => format!("{offset} ! {why}"),
        });
    });
    all
}

#[track_caller]
fn check(text: &str, expected: Expect) {
    expected.assert_eq(&told(text.as_bytes()).join("\n"));
}

#[test]
fn a_file_of_a_trail() {
    check(
        r#"{"Records":[{"eventID":"1","a":{"b":["}{",{}]}},{"eventID":"2"}]}"#,
        expect![[r#"
            12 1
            48 2"#]],
    );
}

#[test]
fn lines_lists_and_one_alone() {
    check(
        "{\"eventID\":\"1\"}\n{\"eventID\":\"2\"}\n",
        expect![[r#"
            0 1
            16 2"#]],
    );
    check(
        r#"[ {"eventID":"1"} , {"eventID":"2"} ]"#,
        expect![[r#"
            2 1
            20 2"#]],
    );
    check("\n {\n \"eventID\" : \"1\" }", expect!["2 1"]);
}

#[test]
fn what_lookup_events_prints() {
    check(
        r#"{"Events":[{"EventId":"1","Resources":[],"CloudTrailEvent":"{\"eventID\":\"1\",\"x\":\"a\\\"b\"}"},{"CloudTrailEvent":"{"}],"NextToken":"x{"}"#,
        expect![[r#"
            11 1
            99 ! the text of this CloudTrailEvent is no JSON"#]],
    );
    check(
        r#"{"NextToken":"x{[", "Events":[{"CloudTrailEvent":"{\"eventID\":\"1\"}"}]}"#,
        expect!["30 1"],
    );
}

#[test]
fn damage_is_named_and_the_rest_is_read() {
    check(
        r#"{"Records":[{"eventID":"1"},{"eventID":tru},{"eventID":"3"},{"eventID":"4""#,
        expect![[r#"
            12 1
            28 ! this record is no JSON, or is nested too deeply
            44 3
            60 ! the file ends in the middle of a record"#]],
    );
    check(
        "no log at all\n{\"eventID\":\"1\"}",
        expect![[r#"
            0 ! there is text here that is no record
            14 1"#]],
    );
    check("", expect![""]);
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    check(
        &deep,
        expect!["0 ! the file ends in the middle of a record"],
    );
}

#[test]
fn a_record_that_is_too_large_is_left_out() {
    let large = "x".repeat(3 * RECORD_BYTES_MAX);
    let text = format!(r#"{{"Records":[{{"a":"{large}"}},{{"eventID":"2"}}]}}"#);
    let all = told(text.as_bytes());
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0], "12 ! this record is larger than 1048576 bytes");
    assert!(all[1].ends_with(" 2"));
}

fn compressed(text: &str) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

#[test]
fn a_compressed_file_that_is_cut_off_or_damaged() {
    let records: Vec<String> = (0..4000)
        .map(|number| format!(r#"{{"eventID":"{number}","x":"{}"}}"#, number * 7919))
        .collect();
    let whole = compressed(&format!(r#"{{"Records":[{}]}}"#, records.join(",")));
    let directory = std::env::temp_dir().join(format!("cofferdam-stream-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("1_CloudTrail_x.json.gz");
    let count = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let (mut records, mut broken) = (0, Vec::new());
        read_file(&path, |_, piece| match piece {
            Piece::Record(..) => records += 1,
            Piece::Broken(why) => broken.push(why),
        })
        .unwrap();
        (records, broken)
    };
    assert_eq!(count(&whole), (4000, vec![]));
    let (records, broken) = count(&whole[..whole.len() / 2]);
    assert!(0 < records && records < 4000);
    assert_eq!(
        broken,
        ["the file ends early: its compressed stream is cut off"]
    );
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let (records, broken) = count(&damaged);
    assert!(records < 4000 && !broken.is_empty());
    std::fs::remove_dir_all(&directory).unwrap();
}

proptest! {
    /// Whatever the bytes, the reader comes to an end and says no more than they hold.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(
        prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:\\ aRecords".to_vec())], 0..400,
    )) {
        let all = told(&bytes);
        prop_assert!(all.len() <= bytes.len());
    }

    /// Where a file is cut, all records before the cut are read.
    #[test]
    fn any_cut(cut in 0_usize..200) {
        let records: Vec<String> = (0..10).map(|id| format!(r#"{{"eventID":"{id}"}}"#)).collect();
        let text = format!(r#"{{"Records":[{}]}}"#, records.join(","));
        let cut = cut.min(text.len());
        let read = told(&text.as_bytes()[..cut]);
        let whole = text[..cut].matches('}').count().min(10);
        prop_assert_eq!(read.iter().filter(|one| !one.contains('!')).count(), whole);
    }
}
