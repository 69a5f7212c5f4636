use tokio::time::Instant;

use super::super::fixture::{ALIVE, FakeGoogle, TAKES, dead, examinees};
use super::*;

fn is_unclear(finding: &Finding) -> bool {
    matches!(finding, Finding::Unclear { why } if why.contains("outage"))
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_few_are_asked_at_a_time_and_answers_keep_their_order() {
    let names: Vec<_> = (0..40).map(|number| format!("k{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let google = FakeGoogle::default();
    google.refuse(&["k7", "k31"], 1);
    let began = Instant::now();
    let findings = examine(&google, &examinees(&names, Standing::Dead)).await;
    assert_eq!(began.elapsed(), TAKES * 5);
    assert_eq!(google.most_running(), AT_ONCE);
    let refused: Vec<_> = (0..40).filter(|place| findings[*place] == dead()).collect();
    assert_eq!((findings.len(), refused), (40, vec![7, 31]));
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn a_refused_key_is_asked_twice_unless_it_was_dead() {
    let google = FakeGoogle::default();
    google.refuse(&["once"], 1);
    google.refuse(&["twice", "corpse"], 2);
    let mut keys = examinees(&["once", "twice", "fine"], Standing::Proven);
    keys.extend(examinees(&["corpse"], Standing::Dead));
    let findings = examine(&google, &keys).await;
    assert_eq!(findings, [ALIVE, dead(), ALIVE, dead()]);
    let asked = google.take_asked();
    let names: Vec<_> = asked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["once", "twice", "fine", "corpse", "once", "twice"]);
    assert_eq!(asked[4].1 - asked[0].1, SECOND_LOOK + TAKES);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn most_of_the_keys_of_one_way_do_not_die_together() {
    let google = FakeGoogle::default();
    let bad = ["a@1", "b@1", "c@1"];
    let keys = [&bad[..], &["d@1", "e@1", "f@2", "g@2", "h@2"]].concat();
    google.refuse(&bad, 2);
    google.refuse(&["f@2"], 2);
    let mut keys = examinees(&keys, Standing::Proven);
    let findings = examine(&google, &keys).await;
    assert!(findings[..3].iter().all(is_unclear), "{findings:?}");
    let Finding::Unclear { why } = &findings[0] else { panic!() };
    assert!(why.starts_with("3 of 5 keys"), "{why}");
    assert_eq!(findings[3..], [ALIVE, ALIVE, dead(), ALIVE, ALIVE], "the other way is believed");

    // One more that works, and it is half of them.
    google.refuse(&bad, 2);
    keys.extend(examinees(&["i@1"], Standing::Proven));
    let findings = examine(&google, &keys).await;
    assert_eq!(findings[..3], [dead(), dead(), dead()]);
}

#[tokio::test(flavor = "current_thread", start_paused = true)]
async fn keys_that_never_served_are_believed_to_be_dead() {
    let google = FakeGoogle::default();
    let names = ["a", "b", "c", "d"];
    google.refuse(&names, 2);
    let findings = examine(&google, &examinees(&names, Standing::Unproven)).await;
    assert!(findings.iter().all(|finding| *finding == dead()));
    // But not while others die that did.
    let served = ["e", "f", "g"];
    google.refuse(&names, 2);
    google.refuse(&served, 2);
    let keys = [examinees(&names, Standing::Unproven), examinees(&served, Standing::Proven)];
    let findings = examine(&google, &keys.concat()).await;
    assert!(findings.iter().all(is_unclear), "{findings:?}");
}
