//! Who says what in a text of several speakers.

/// The text cut where a line begins with the name of one of `speakers` and a colon; what stands
/// before the first has no speaker.
pub(super) fn turns<'t>(text: &'t str, speakers: &[String]) -> Vec<(Option<String>, String)> {
    let mut turns: Vec<(Option<String>, String)> = Vec::new();
    let begun = |line: &'t str| {
        speakers.iter().find_map(|speaker| {
            let rest = line.trim_start().strip_prefix(speaker.as_str())?.trim_start();
            Some((speaker, rest.strip_prefix(':')?.trim()))
        })
    };
    for line in text.lines() {
        match (begun(line), turns.last_mut()) {
            (Some((speaker, rest)), _) => turns.push((Some(speaker.clone()), rest.to_owned())),
            (None, Some((_, said))) => {
                said.push('\n');
                said.push_str(line);
            }
            (None, None) => turns.push((None, line.to_owned())),
        }
    }
    turns.retain(|(_, said)| !said.trim().is_empty());
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_turn_has_its_speaker() {
        let speakers = ["Joe".to_owned(), "Jane".to_owned()];
        let turns = turns("A talk.\nJoe: How are you?\n Jane : Fine.\nReally.\nJoe:", &speakers);
        let told: Vec<_> =
            turns.iter().map(|(who, what)| (who.as_deref(), what.as_str())).collect();
        let expected =
            [(None, "A talk."), (Some("Joe"), "How are you?"), (Some("Jane"), "Fine.\nReally.")];
        assert_eq!(told, expected);
    }
}
