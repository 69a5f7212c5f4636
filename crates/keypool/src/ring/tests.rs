use super::*;

const READY: Rank = Rank { avoided: false, tier: 0 };

fn class(rank: Rank, weight: u32) -> Class {
    Class { rank, weight }
}

fn offer(project: ProjectSlot) -> Offer {
    Offer { key: KeySlot(project.0), pressure: 0, latency: 0 }
}

fn search(round: usize, strategy: Strategy) -> Search<'static> {
    Search { round, strategy, among: None, most: usize::MAX }
}

fn rings(classes: &[Class]) -> Rings {
    let mut rings = Rings::new(1, 0);
    for (slot, class) in (0..).zip(classes) {
        rings.place(ProjectSlot(slot), &[*class]);
    }
    rings
}

fn pick(
    rings: &mut Rings,
    search: Search<'_>,
    mut verdict: impl FnMut(ProjectSlot) -> Verdict,
) -> Option<u32> {
    let choice = rings.peek(search, &mut |project, _| verdict(project))?;
    rings.commit(&choice);
    Some(choice.project.0)
}

fn take(rings: &mut Rings) -> Option<u32> {
    pick(rings, search(0, Strategy::RoundRobin), |project| Verdict::Take(offer(project)))
}

#[test]
fn projects_take_turns() {
    let mut rings = rings(&[class(READY, 1); 3]);
    let first = take(&mut rings).unwrap();
    let turns: Vec<_> = (0..6).filter_map(|_| take(&mut rings)).collect();
    let expected: Vec<_> = (1..=6).map(|step| (first + step) % 3).collect();
    assert_eq!(turns, expected);
}

#[test]
fn it_is_known_whose_turn_comes_next() {
    let mut rings = rings(&[class(READY, 1); 5]);
    rings.place(ProjectSlot(2), &[]);
    let always = |project, _| Verdict::Take(offer(project));
    for _ in 0..8 {
        let choice = rings.peek(search(0, Strategy::RoundRobin), &mut { always }).unwrap();
        let upcoming: Vec<_> = rings.upcoming(&choice).map(|project| project.0).collect();
        rings.commit(&choice);
        let later = [1, 3, 4].into_iter().filter(|slot| *slot > choice.project.0);
        assert_eq!(upcoming, later.collect::<Vec<_>>(), "up to the end of the round");
        let next = rings.peek(search(0, Strategy::RoundRobin), &mut { always }).unwrap();
        assert!(upcoming.first().is_none_or(|first| *first == next.project.0));
    }
}

#[test]
fn a_lower_rank_goes_first() {
    let avoided = class(Rank { avoided: true, tier: 0 }, 1);
    let paid = class(Rank { avoided: false, tier: 1 }, 1);
    let mut rings = rings(&[avoided, paid, class(READY, 1)]);
    assert_eq!(take(&mut rings), Some(2));
    assert_eq!(take(&mut rings), Some(2));
    rings.place(ProjectSlot(2), &[]);
    assert_eq!(take(&mut rings), Some(1));
    rings.place(ProjectSlot(1), &[]);
    assert_eq!(take(&mut rings), Some(0));
    rings.place(ProjectSlot(0), &[]);
    assert_eq!(take(&mut rings), None);
    assert_eq!(rings.members().count(), 0);
}

#[test]
fn weights_share_the_turns() {
    let mut rings = rings(&[class(READY, 1), class(READY, 3), class(READY, 1), class(READY, 0)]);
    let mut turns = [0; 4];
    for _ in 0..50 {
        turns[take(&mut rings).unwrap() as usize] += 1;
    }
    assert_eq!(turns, [10, 30, 10, 0]);
    for slot in 0..3 {
        rings.place(ProjectSlot(slot), &[]);
    }
    assert_eq!(take(&mut rings), Some(3), "without weight it is the last resort");
}

#[test]
fn a_held_project_keeps_its_turn_and_a_passed_one_does_not() {
    let mut rings = rings(&[class(READY, 1); 3]);
    let first = take(&mut rings).unwrap();
    let [second, third] = [1, 2].map(|step| (first + step) % 3);
    let all_but = |other: u32, verdict: Verdict| {
        move |project: ProjectSlot| {
            if project.0 == other { verdict } else { Verdict::Take(offer(project)) }
        }
    };
    let round = search(0, Strategy::Balanced);
    assert_eq!(pick(&mut rings, round, all_but(second, Verdict::Hold)), Some(third));
    assert_eq!(take(&mut rings), Some(second));
    assert_eq!(pick(&mut rings, round, all_but(third, Verdict::Pass)), Some(first));
    assert_eq!(take(&mut rings), Some(second));
}

#[test]
fn rounds_are_independent_and_survive_a_split() {
    let mut shared = Rings::new(2, 7);
    for slot in 0..5 {
        shared.place(ProjectSlot(slot), &[class(READY, 1)]);
    }
    let next = |rings: &mut Rings, round| {
        let round = search(round, Strategy::RoundRobin);
        pick(rings, round, |project| Verdict::Take(offer(project))).unwrap()
    };
    let [one, other] = [0, 1].map(|round| next(&mut shared, round));
    let mut single = shared.split_off(1);
    assert_eq!(next(&mut single, 0), (other + 1) % 5);
    assert_eq!(next(&mut shared, 0), (one + 1) % 5);
    shared.rejoin(1, &single);
    assert_eq!(next(&mut shared, 1), (other + 2) % 5);
}

#[test]
fn balance_takes_from_the_emptier() {
    let mut rings = rings(&[class(READY, 1); 2]);
    let mut used = [900_u16, 0];
    let mut turns = Vec::new();
    for _ in 0..40 {
        let full = |project: ProjectSlot| {
            let pressure = used[project.0 as usize];
            Verdict::Take(Offer { pressure, ..offer(project) })
        };
        let taken = pick(&mut rings, search(0, Strategy::Balanced), full).unwrap();
        used[taken as usize] += 10;
        turns.push(taken);
    }
    assert!(turns.iter().filter(|turn| **turn == 1).count() >= 38, "{turns:?}");
}

#[test]
fn fill_first_stays_with_the_first_that_is_open() {
    let mut rings = rings(&[class(READY, 1); 3]);
    let round = search(0, Strategy::FillFirst);
    let any = |project| Verdict::Take(offer(project));
    assert_eq!([0; 3].map(|_| pick(&mut rings, round, any).unwrap()), [0; 3]);
    rings.place(ProjectSlot(0), &[]);
    assert_eq!(pick(&mut rings, round, any), Some(1));
}

#[test]
fn the_fastest_is_preferred_and_the_unknown_is_tried() {
    let mut rings = rings(&[class(READY, 1); 4]);
    let mut latency = [300, 200, 100, 0];
    let round = search(0, Strategy::LeastLatency);
    let mut next = |latency: [u32; 4]| {
        pick(&mut rings, round, |project| {
            Verdict::Take(Offer { latency: latency[project.0 as usize], ..offer(project) })
        })
        .unwrap()
    };
    assert_eq!(next(latency), 3);
    latency[3] = 400;
    assert_eq!([next(latency), next(latency), next(latency)], [2; 3]);
}

#[test]
fn only_those_asked_for_come_into_question() {
    let mut rings = rings(&[class(READY, 1); 200]);
    let [mut one, mut other] = [SlotSet::default(), SlotSet::default()];
    one.set(150, true);
    other.set(3, true);
    other.set(500, true);
    let union = Union::new(vec![&one, &other]);
    let round = Search { among: Some(&union), ..search(0, Strategy::RoundRobin) };
    let any = |project| Verdict::Take(offer(project));
    let turns: Vec<_> = (0..4).map(|_| pick(&mut rings, round, any).unwrap()).collect();
    assert!(turns == [3, 150, 3, 150] || turns == [150, 3, 150, 3], "{turns:?}");
}
